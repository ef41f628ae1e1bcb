#include "actors/deliver/backoff.hpp"

#include <chrono>
#include <cmath>
#include <limits>

#include <boost/test/unit_test.hpp>

using reflector::full_jitter;
using std::chrono::milliseconds;

BOOST_AUTO_TEST_CASE(the_bound_doubles_until_the_cap) {
  const double almost_one = std::nextafter(1.0, 0.0);
  BOOST_TEST(full_jitter(0, milliseconds{1000}, milliseconds{30'000}, 0.5).count() == 500);
  BOOST_TEST(full_jitter(1, milliseconds{1000}, milliseconds{30'000}, 0.5).count() == 1000);
  BOOST_TEST(full_jitter(4, milliseconds{1000}, milliseconds{30'000}, 0.5).count() == 8000);
  BOOST_TEST(full_jitter(5, milliseconds{1000}, milliseconds{30'000}, 0.5).count() == 15'000);
  BOOST_TEST(full_jitter(6, milliseconds{1000}, milliseconds{30'000}, 0.5).count() == 15'000);
  BOOST_TEST(full_jitter(3, milliseconds{1000}, milliseconds{30'000}, almost_one).count() == 7999);
}

BOOST_AUTO_TEST_CASE(jitter_stays_after_the_cap) {
  BOOST_TEST(full_jitter(1000, milliseconds{1000}, milliseconds{30'000}, 0.1).count() == 3000);
  BOOST_TEST(full_jitter(1000, milliseconds{1000}, milliseconds{30'000}, 0.0).count() == 0);
}

BOOST_AUTO_TEST_CASE(extremes_do_not_overflow) {
  const auto most = milliseconds::max();
  const auto wait =
      full_jitter(std::numeric_limits<unsigned>::max(), most, most, std::nextafter(1.0, 0.0));
  BOOST_TEST(wait.count() > 0);
  BOOST_TEST(wait.count() <= most.count());
  BOOST_TEST(full_jitter(63, milliseconds{3}, most, 0.25).count() > 0);
  BOOST_TEST(
      full_jitter(std::numeric_limits<unsigned>::max(), milliseconds{0}, most, 0.9).count() == 0);
}

BOOST_AUTO_TEST_CASE(arguments_out_of_range_are_harmless) {
  BOOST_TEST(full_jitter(2, milliseconds{-5}, milliseconds{100}, 0.5).count() == 0);
  BOOST_TEST(full_jitter(2, milliseconds{5}, milliseconds{-100}, 0.5).count() == 0);
  BOOST_TEST(full_jitter(0, milliseconds{500}, milliseconds{100}, 0.5).count() == 50);
  BOOST_TEST(full_jitter(0, milliseconds{100}, milliseconds{100}, 7.0).count() == 100);
  BOOST_TEST(full_jitter(0, milliseconds{100}, milliseconds{100}, -1.0).count() == 0);
  BOOST_TEST(full_jitter(0, milliseconds{100}, milliseconds{100}, std::nan("")).count() == 0);
}
