#include "actors/supervise/tick_plan.hpp"

#include <vector>

#include <boost/test/unit_test.hpp>

using namespace reflector;
using namespace std::chrono_literals;

namespace {

tick planned(tick_plan& plan, std::uint64_t number, degraded less = {}) {
  tick beat;
  beat.number = number;
  plan.complete(beat, less);
  return beat;
}

bool has(const collector_set& set, collector_id id) {
  return set.test(static_cast<std::size_t>(id));
}

/// Ticks up to `last` that are this collector's.
std::vector<std::uint64_t> ticks_of(tick_plan& plan, collector_id id, std::uint64_t last,
                                    degraded less = {}) {
  std::vector<std::uint64_t> numbers;
  for (std::uint64_t n = 0; n <= last; ++n)
    if (has(planned(plan, n, less).due, id)) numbers.push_back(n);
  return numbers;
}

using numbers = std::vector<std::uint64_t>;

}  // namespace

BOOST_AUTO_TEST_CASE(an_interval_is_a_whole_number_of_ticks_the_nearest) {
  BOOST_TEST(in_ticks(15s, 5s) == 3U);
  BOOST_TEST(in_ticks(60s, 5s) == 12U);
  BOOST_TEST(in_ticks(7s, 5s) == 1U);
  BOOST_TEST(in_ticks(8s, 5s) == 2U);
  BOOST_TEST(in_ticks(100ms, 5s) == 1U);
  BOOST_TEST(in_ticks(24h, 100ms) == 864'000U);
}

BOOST_AUTO_TEST_CASE(without_intervals_every_tick_is_everybodys) {
  collectors_config config;
  config.of(collector_id::sensors).enabled = false;
  tick_plan plan{config, 5s};
  for (std::uint64_t n = 0; n < 50; ++n) {
    const auto beat = planned(plan, n);
    BOOST_TEST(beat.due.count() == 7U);
    BOOST_TEST(beat.left_out.none());
  }
}

BOOST_AUTO_TEST_CASE(one_with_an_interval_measures_at_the_baseline_the_first_and_each_nth_after) {
  collectors_config config;
  config.of(collector_id::processes).interval = 15s;
  config.of(collector_id::disk).interval = 60s;
  tick_plan plan{config, 5s};
  BOOST_TEST(ticks_of(plan, collector_id::processes, 10) == (numbers{0, 1, 4, 7, 10}),
             boost::test_tools::per_element());
  tick_plan other{config, 5s};
  BOOST_TEST(ticks_of(other, collector_id::disk, 30) == (numbers{0, 1, 13, 25}),
             boost::test_tools::per_element());
  BOOST_TEST(ticks_of(other, collector_id::cpu, 30).size() == 31U);
}

BOOST_AUTO_TEST_CASE(after_somebody_was_started_anew_the_next_tick_is_everybodys) {
  collectors_config config;
  config.of(collector_id::host).interval = 60s;
  tick_plan plan{config, 5s};
  planned(plan, 0);
  planned(plan, 1);
  BOOST_TEST(!has(planned(plan, 5).due, collector_id::host));
  plan.everyone_next();
  BOOST_TEST(has(planned(plan, 6).due, collector_id::host));
  BOOST_TEST(!has(planned(plan, 7).due, collector_id::host));
}

BOOST_AUTO_TEST_CASE(levels_take_away_in_the_order_that_is_written) {
  tick_plan plan{collectors_config{}, 5s};
  planned(plan, 0);
  const auto one = planned(plan, 2, {1, strain::cpu});
  BOOST_TEST(one.left_out.count() == 1U);
  BOOST_TEST(has(one.left_out, collector_id::processes));
  BOOST_TEST(one.due.count() == 7U);
  BOOST_TEST((one.less == degraded{1, strain::cpu}));

  const auto two = planned(plan, 2, {2, strain::cpu});
  BOOST_TEST(two.left_out == one.left_out);
  BOOST_TEST(!has(two.due, collector_id::disk));
  BOOST_TEST(!has(two.due, collector_id::sensors));
  BOOST_TEST(has(two.due, collector_id::network));
  tick_plan slow{collectors_config{}, 5s};
  BOOST_TEST(ticks_of(slow, collector_id::disk, 26, {2, strain::cpu}) == (numbers{0, 1, 13, 25}),
             boost::test_tools::per_element());

  const auto three = planned(plan, 1, {3, strain::cpu});
  BOOST_TEST(three.due.count() == 4U);
  for (const auto id :
       {collector_id::cpu, collector_id::load, collector_id::memory, collector_id::host})
    BOOST_TEST(has(three.due, id));
  BOOST_TEST(three.left_out.count() == 4U);
}

BOOST_AUTO_TEST_CASE(what_is_off_is_neither_due_nor_left_out) {
  collectors_config config;
  config.of(collector_id::processes).enabled = false;
  tick_plan plan{config, 5s};
  const auto beat = planned(plan, 1, {3, strain::memory});
  BOOST_TEST(!has(beat.due, collector_id::processes));
  BOOST_TEST(!has(beat.left_out, collector_id::processes));
}
