#include "actors/deliver/sample_join.hpp"

#include <boost/test/unit_test.hpp>

using namespace reflector;

namespace {

tick numbered(std::uint64_t number) {
  tick t;
  t.number = number;
  return t;
}

measured said(std::uint64_t tick_number, collector_id from, reading r) {
  return {tick_number, from, std::make_shared<const result<reading>>(std::move(r))};
}

measured failed(std::uint64_t tick_number, collector_id from) {
  return {tick_number, from,
          std::make_shared<const result<reading>>(failure(fault_code::io, "broken"))};
}

cpu_reading cpu(double percent) {
  cpu_reading r;
  r.total_percent = percent;
  return r;
}

/// Only cpu, load and disk are on.
collectors_config three() {
  collectors_config config;
  for (auto& each : config.each) each.enabled = false;
  for (const auto id : {collector_id::cpu, collector_id::load, collector_id::disk})
    config.of(id).enabled = true;
  return config;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_sample_is_whole_when_the_last_reading_comes) {
  sample_join join{three()};
  BOOST_TEST(!join.begin(numbered(1)).has_value());
  BOOST_TEST(!join.add(said(1, collector_id::disk, disk_reading{})).has_value());
  BOOST_TEST(!join.add(said(1, collector_id::cpu, cpu(12))).has_value());
  const auto joined = join.add(said(1, collector_id::load, load_reading{1, 2, 3}));
  BOOST_REQUIRE(joined);
  BOOST_TEST(joined->tick == 1U);
  BOOST_TEST(*joined->cpu->total_percent == 12);
  BOOST_TEST(joined->load->fifteen == 3);
  BOOST_TEST(joined->disk.has_value());
  BOOST_TEST(!joined->memory.has_value());
  BOOST_TEST(joined->late.empty());
  BOOST_TEST(joined->failed.empty());
  BOOST_TEST(!join.close(1).has_value());
}

BOOST_AUTO_TEST_CASE(who_misses_the_deadline_is_left_out_and_named) {
  sample_join join{three()};
  join.begin(numbered(1));
  join.add(said(1, collector_id::cpu, cpu(12)));
  join.add(said(1, collector_id::load, load_reading{}));
  const auto joined = join.close(1);
  BOOST_REQUIRE(joined);
  BOOST_TEST(joined->late == std::vector<std::string>{"disk"}, boost::test_tools::per_element());
  BOOST_TEST(!joined->disk.has_value());
  BOOST_TEST(!join.add(said(1, collector_id::disk, disk_reading{})).has_value());
}

BOOST_AUTO_TEST_CASE(a_fault_does_not_hold_up_the_sample) {
  sample_join join{three()};
  join.begin(numbered(1));
  join.add(said(1, collector_id::cpu, cpu(12)));
  join.add(failed(1, collector_id::disk));
  const auto joined = join.add(said(1, collector_id::load, load_reading{}));
  BOOST_REQUIRE(joined);
  BOOST_TEST(joined->failed == std::vector<std::string>{"disk"}, boost::test_tools::per_element());
  BOOST_TEST(joined->late.empty());
}

BOOST_AUTO_TEST_CASE(readings_of_another_tick_and_second_ones_are_dropped) {
  sample_join join{three()};
  join.begin(numbered(2));
  join.add(said(1, collector_id::cpu, cpu(99)));
  join.add(said(2, collector_id::cpu, cpu(12)));
  join.add(said(2, collector_id::cpu, cpu(50)));
  BOOST_TEST(!join.close(1).has_value());
  const auto joined = join.close(2);
  BOOST_REQUIRE(joined);
  BOOST_TEST(*joined->cpu->total_percent == 12);
}

BOOST_AUTO_TEST_CASE(a_new_tick_closes_the_sample_before_it) {
  sample_join join{three()};
  join.begin(numbered(1));
  join.add(said(1, collector_id::cpu, cpu(12)));
  const auto joined = join.begin(numbered(2));
  BOOST_REQUIRE(joined);
  BOOST_TEST(joined->tick == 1U);
  BOOST_TEST(joined->late.size() == 2U);
}

BOOST_AUTO_TEST_CASE(what_ego_requires_is_carried_over_and_named_as_late) {
  sample_join join{three()};
  join.begin(numbered(1));
  join.add(said(1, collector_id::cpu, cpu(12)));
  join.add(said(1, collector_id::load, load_reading{1, 2, 3}));
  join.add(said(1, collector_id::disk, disk_reading{}));
  join.begin(numbered(2));
  const auto joined = join.close(2);
  BOOST_REQUIRE(joined);
  BOOST_TEST(*joined->cpu->total_percent == 12);
  BOOST_TEST(joined->load->one == 1);
  BOOST_TEST(!joined->disk.has_value());
  BOOST_TEST(joined->late.size() == 3U);
}

BOOST_AUTO_TEST_CASE(a_cpu_reading_without_a_share_keeps_the_last_share) {
  sample_join join{three()};
  join.begin(numbered(1));
  join.add(said(1, collector_id::cpu, cpu(12)));
  join.begin(numbered(2));
  cpu_reading stood_still;
  stood_still.frequency_mhz = 800;
  join.add(said(2, collector_id::cpu, stood_still));
  const auto joined = join.close(2);
  BOOST_REQUIRE(joined);
  BOOST_TEST(joined->cpu->total_percent.value() == 12);
  BOOST_TEST(joined->cpu->frequency_mhz.value() == 800);
}
