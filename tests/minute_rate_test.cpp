#include "actors/observe/minute_rate.hpp"

#include <boost/test/unit_test.hpp>

using namespace reflector;
using namespace std::chrono_literals;

namespace {

const monotonic_time start = monotonic_time{} + 1000h;

}  // namespace

BOOST_AUTO_TEST_CASE(a_steady_rate_is_seen_soon_and_stays) {
  minute_rate rate{start};
  for (int second = 1; second <= 300; ++second) {
    rate.add(10, start + std::chrono::seconds{second});
    if (second % 20 == 0)
      BOOST_TEST(rate.per_second(start + std::chrono::seconds{second}) == 10.0,
                 boost::test_tools::tolerance(0.1));
  }
}

BOOST_AUTO_TEST_CASE(what_is_older_than_a_minute_does_not_count) {
  minute_rate rate{start};
  rate.add(600, start + 1s);
  BOOST_TEST(rate.per_second(start + 54s) > 10.0);
  BOOST_TEST(rate.per_second(start + 61s) == 0.0);
  BOOST_TEST(rate.per_second(start + 1000h) == 0.0);
}

BOOST_AUTO_TEST_CASE(a_burst_at_the_very_beginning_is_no_division_by_nothing) {
  minute_rate rate{start};
  rate.add(5, start);
  BOOST_TEST(rate.per_second(start) == 5.0);
}

BOOST_AUTO_TEST_CASE(a_quiet_time_in_between_counts_as_nothing) {
  minute_rate rate{start};
  rate.add(60, start);
  rate.add(60, start + 10min);
  BOOST_TEST(rate.per_second(start + 10min + 1s) == 60.0 / 56, boost::test_tools::tolerance(0.02));
}
