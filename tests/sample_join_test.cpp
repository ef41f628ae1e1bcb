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

namespace {

/// A tick for cpu and load alone, of the three.
tick without_disk(std::uint64_t number) {
  auto t = numbered(number);
  t.due.reset(static_cast<std::size_t>(collector_id::disk));
  return t;
}

std::optional<sample> cpu_and_load(sample_join& join, std::uint64_t number) {
  join.add(said(number, collector_id::cpu, cpu(1)));
  return join.add(said(number, collector_id::load, load_reading{}));
}

disk_reading one_disk(std::string device) {
  disk_reading r;
  r.primary = std::move(device);
  return r;
}

}  // namespace

BOOST_AUTO_TEST_CASE(who_is_not_due_is_not_waited_for_and_its_last_reading_is_repeated) {
  sample_join join{three()};
  join.begin(numbered(1));
  join.add(said(1, collector_id::disk, one_disk("sda")));
  BOOST_REQUIRE(cpu_and_load(join, 1));
  for (std::uint64_t n = 2; n <= 4; ++n) {
    join.begin(without_disk(n));
    const auto joined = cpu_and_load(join, n);
    BOOST_REQUIRE(joined);
    BOOST_TEST(joined->disk->primary == "sda");
    BOOST_TEST(joined->late.empty());
  }
}

BOOST_AUTO_TEST_CASE(a_fault_is_repeated_as_well_not_the_reading_before_it) {
  sample_join join{three()};
  join.begin(numbered(1));
  join.add(said(1, collector_id::disk, one_disk("sda")));
  cpu_and_load(join, 1);
  join.begin(numbered(2));
  join.add(failed(2, collector_id::disk));
  cpu_and_load(join, 2);
  join.begin(without_disk(3));
  const auto joined = cpu_and_load(join, 3);
  BOOST_REQUIRE(joined);
  BOOST_TEST(!joined->disk.has_value());
  BOOST_TEST(joined->failed == std::vector<std::string>{"disk"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_reading_that_came_after_its_deadline_is_repeated_from_then_on) {
  sample_join join{three()};
  join.begin(numbered(1));
  cpu_and_load(join, 1);
  BOOST_TEST(join.close(1)->late == std::vector<std::string>{"disk"},
             boost::test_tools::per_element());
  join.begin(without_disk(2));
  const auto still_late = cpu_and_load(join, 2);
  BOOST_REQUIRE(still_late);
  BOOST_TEST(still_late->late == std::vector<std::string>{"disk"},
             boost::test_tools::per_element());
  BOOST_TEST(!join.add(said(1, collector_id::disk, one_disk("sda"))).has_value());
  join.begin(without_disk(3));
  const auto joined = cpu_and_load(join, 3);
  BOOST_REQUIRE(joined);
  BOOST_TEST(joined->late.empty());
  BOOST_TEST(joined->disk->primary == "sda");
}

BOOST_AUTO_TEST_CASE(what_is_left_out_is_absent_and_named_nowhere) {
  sample_join join{three()};
  join.begin(numbered(1));
  join.add(said(1, collector_id::disk, one_disk("sda")));
  cpu_and_load(join, 1);
  auto less = without_disk(2);
  less.left_out.set(static_cast<std::size_t>(collector_id::disk));
  less.less = {3, strain::memory};
  join.begin(less);
  const auto joined = cpu_and_load(join, 2);
  BOOST_REQUIRE(joined);
  BOOST_TEST(!joined->disk.has_value());
  BOOST_TEST(joined->late.empty());
  BOOST_TEST(joined->failed.empty());
  BOOST_TEST((joined->less == degraded{3, strain::memory}));
}
