#include "actors/supervise/degradation.hpp"

#include "actors/observe/own_usage.hpp"

#include <vector>

#include <boost/test/unit_test.hpp>

using namespace reflector;
using namespace std::chrono_literals;

namespace {

const monotonic_time start{};

limits_config tight() {
  limits_config limits;
  limits.backlog_high_water = 0.5;
  limits.max_cpu_percent = 20;
  limits.max_memory = 1000;
  limits.max_memory_hard = 2000;
  return limits;
}

/// Steps once a second.
struct stepping {
  degradation subject{tight()};
  monotonic_time now = start;
  own_usage usage;
  double backlog = 0;
  double cpu_share = 0;  ///< of one core

  degraded step() {
    now += 1s;
    usage.cpu += std::chrono::duration_cast<std::chrono::nanoseconds>(1s * cpu_share);
    return subject.step(usage, backlog, now);
  }

  degraded steps(std::chrono::seconds span) {
    degraded last;
    for (auto i = 0s; i < span; i += 1s) last = step();
    return last;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(within_the_budget_nothing_is_given_up, stepping) {
  backlog = 0.5;
  usage.resident_bytes = 1000;
  cpu_share = 0.19;
  BOOST_TEST((steps(1h) == degraded{}));
}

BOOST_FIXTURE_TEST_CASE(each_strain_says_its_name, stepping) {
  backlog = 0.51;
  BOOST_TEST((step() == degraded{1, strain::backlog}));
  stepping by_memory;
  by_memory.usage.resident_bytes = 1001;
  BOOST_TEST((by_memory.step() == degraded{1, strain::memory}));
  stepping by_cpu;
  by_cpu.cpu_share = 0.5;
  BOOST_TEST((by_cpu.steps(9s) == degraded{}));  // too short a time to tell
  BOOST_TEST((by_cpu.steps(3s) == degraded{1, strain::cpu}));
  BOOST_TEST(std::abs(by_cpu.subject.cpu_percent() - 50) < 1);
}

BOOST_FIXTURE_TEST_CASE(a_second_of_full_load_is_no_strain, stepping) {
  steps(60s);
  cpu_share = 1;
  BOOST_TEST(steps(5s).level == 0U);
  cpu_share = 0;
  BOOST_TEST(steps(120s).level == 0U);
}

BOOST_FIXTURE_TEST_CASE(the_next_level_comes_only_after_patience_and_the_last_is_the_last,
                        stepping) {
  backlog = 0.9;
  step();
  BOOST_TEST(steps(29s).level == 1U);
  BOOST_TEST(step().level == 2U);
  BOOST_TEST(steps(30s).level == 3U);
  BOOST_TEST(steps(1h).level == 3U);
}

BOOST_FIXTURE_TEST_CASE(it_comes_back_one_level_at_a_time_when_it_is_well_below, stepping) {
  backlog = 0.9;
  BOOST_TEST(steps(31s).level == 2U);
  backlog = 0.45;  // below the mark, not well below it
  BOOST_TEST(steps(600s).level == 2U);
  backlog = 0.3;
  BOOST_TEST(steps(60s).level == 2U);
  BOOST_TEST(step().level == 1U);
  BOOST_TEST(steps(59s).level == 1U);
  BOOST_TEST((step() == degraded{}));
}

/// A strain that measuring itself makes: beyond at level 0, well below at level 1.
BOOST_FIXTURE_TEST_CASE(it_does_not_flap, stepping) {
  std::vector<degraded> changes;
  degraded before;
  for (auto i = 0s; i < 24h; i += 1s) {
    usage.resident_bytes = before.level == 0 ? 1500 : 100;
    const auto now_at = step();
    if (now_at != before) changes.push_back(now_at);
    before = now_at;
  }
  // A change a minute would be 2,800.
  BOOST_TEST(changes.size() > 10U);
  BOOST_TEST(changes.size() < 80U);
}

BOOST_FIXTURE_TEST_CASE(only_twice_in_a_row_beyond_the_hard_limit_is_an_end, stepping) {
  for (int i = 0; i < 10; ++i) {
    usage.resident_bytes = i % 2 == 0 ? 2001 : 2000;
    step();
    BOOST_TEST(!subject.must_restart());
  }
  usage.resident_bytes = 2001;
  step();
  step();
  BOOST_TEST(subject.must_restart());
}

BOOST_AUTO_TEST_CASE(the_agents_own_usage_is_read) {
  const own_usage_reader reader;
  const auto before = reader.read();
  BOOST_TEST(before.resident_bytes > 100'000U);
  std::vector<char> more(64 << 20, 'x');
  const auto until = std::chrono::steady_clock::now() + 50ms;
  volatile unsigned spin = 0;
  while (std::chrono::steady_clock::now() < until) spin = spin + 1;
  const auto after = reader.read();
  BOOST_TEST(after.resident_bytes > before.resident_bytes + (60 << 20));
  BOOST_TEST((after.cpu > before.cpu + 5ms));
  BOOST_TEST(more.back() == 'x');
}
