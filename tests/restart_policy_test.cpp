#include "actors/supervise/restart_policy.hpp"

#include <boost/test/unit_test.hpp>

using namespace reflector;
using namespace std::chrono_literals;

namespace {
constexpr restart_limits limits{3, 10s, 100ms, 1000ms};
const monotonic_time start{};
}  // namespace

BOOST_AUTO_TEST_CASE(failures_within_the_limit_are_met_with_growing_waits) {
  restart_policy policy{limits};
  BOOST_TEST(policy.on_failure(start, 0.5)->count() == 50);
  BOOST_TEST(policy.on_failure(start + 1s, 0.5)->count() == 100);
  BOOST_TEST(policy.on_failure(start + 2s, 0.5)->count() == 200);
}

BOOST_AUTO_TEST_CASE(one_failure_more_than_the_intensity_is_too_many) {
  restart_policy policy{limits};
  for (int i = 0; i < 3; ++i) BOOST_TEST(policy.on_failure(start + i * 1s, 0).has_value());
  BOOST_TEST(!policy.on_failure(start + 3s, 0).has_value());
}

BOOST_AUTO_TEST_CASE(failures_older_than_the_period_do_not_count) {
  restart_policy policy{limits};
  for (int i = 0; i < 30; ++i) BOOST_TEST(policy.on_failure(start + i * 4s, 0).has_value());
}

BOOST_AUTO_TEST_CASE(the_wait_never_passes_its_cap) {
  restart_policy policy{{1000, 10s, 100ms, 1000ms}};
  for (int i = 0; i < 100; ++i) BOOST_TEST(policy.on_failure(start, 0.999)->count() <= 1000);
}

BOOST_AUTO_TEST_CASE(five_quiet_periods_begin_anew) {
  restart_policy policy{limits};
  policy.on_failure(start, 0.5);
  policy.on_failure(start, 0.5);
  BOOST_TEST(policy.on_failure(start + 40s, 0.5)->count() ==
             200);  // four periods: not quiet enough
  BOOST_TEST(policy.on_failure(start + 91s, 0.5)->count() == 50);
}

BOOST_AUTO_TEST_CASE(a_forgiven_child_has_all_its_chances_again) {
  restart_policy policy{limits};
  for (int i = 0; i < 4; ++i) policy.on_failure(start, 0.5);
  policy.forgive();
  BOOST_TEST(policy.on_failure(start, 0.5)->count() == 50);
}
