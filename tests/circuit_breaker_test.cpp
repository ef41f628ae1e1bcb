#include "actors/deliver/circuit_breaker.hpp"

#include <boost/test/unit_test.hpp>

using namespace reflector;

BOOST_AUTO_TEST_CASE(five_failures_in_a_row_open_it) {
  circuit_breaker breaker;
  for (int i = 0; i < 4; ++i) {
    breaker.sending();
    BOOST_TEST(!breaker.failed());
    BOOST_TEST(breaker.closed());
  }
  breaker.sending();
  BOOST_TEST(breaker.failed());
  BOOST_TEST((breaker.now() == circuit_breaker::state::open));
}

BOOST_AUTO_TEST_CASE(a_success_in_between_starts_the_count_anew) {
  circuit_breaker breaker;
  for (int i = 0; i < 4; ++i) breaker.failed();
  breaker.succeeded();
  for (int i = 0; i < 4; ++i) breaker.failed();
  BOOST_TEST(breaker.closed());
}

BOOST_AUTO_TEST_CASE(a_probe_decides_whether_it_stays_open) {
  circuit_breaker breaker;
  for (int i = 0; i < 5; ++i) breaker.failed();
  breaker.sending();
  BOOST_TEST((breaker.now() == circuit_breaker::state::half_open));
  BOOST_TEST(!breaker.failed());  // it was open before
  BOOST_TEST((breaker.now() == circuit_breaker::state::open));
  breaker.sending();
  breaker.succeeded();
  BOOST_TEST(breaker.closed());
}
