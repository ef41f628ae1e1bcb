#include "actors/supervise/send_budget.hpp"

#include <boost/test/unit_test.hpp>

using namespace reflector;
using namespace std::chrono_literals;

namespace {

const monotonic_time start{};

permit_request of(std::size_t samples, std::size_t bytes) {
  return {budget::request, "ego", samples, bytes};
}

}  // namespace

BOOST_AUTO_TEST_CASE(requests_have_a_burst_of_two_seconds) {
  send_budget budget{{5, 1e6, 1'000'000}, start};
  for (int i = 0; i < 10; ++i) BOOST_TEST(budget.take(of(1, 1), start).count() == 0);
  BOOST_TEST((budget.take(of(1, 1), start) == 200ms));
}

BOOST_AUTO_TEST_CASE(a_rate_below_one_a_second_lets_one_go_at_once) {
  send_budget budget{{0.1, 0.1, 1'000'000}, start};
  BOOST_TEST(budget.take(of(1, 1), start).count() == 0);
  BOOST_TEST((budget.take(of(1, 1), start) == 10s));
}

BOOST_AUTO_TEST_CASE(samples_and_bytes_have_a_burst_of_one_second) {
  send_budget samples{{1000, 100, 1'000'000}, start};
  BOOST_TEST(samples.take(of(100, 1), start).count() == 0);
  BOOST_TEST((samples.take(of(50, 1), start) == 500ms));
  send_budget bytes{{1000, 1e6, 1000}, start};
  BOOST_TEST(bytes.take(of(1, 1000), start).count() == 0);
  BOOST_TEST((bytes.take(of(1, 250), start) == 250ms));
}

BOOST_AUTO_TEST_CASE(the_scarcest_of_the_three_says_how_long) {
  send_budget budget{{1, 10, 1000}, start};
  BOOST_TEST((budget.take(of(20, 4000), start) == 3s));
}

BOOST_AUTO_TEST_CASE(a_backlog_drains_at_the_configured_rate) {
  send_budget budget{{5, 100, 1024 * 1024}, start};
  auto now = start;
  int samples = 0;
  while (now < start + 100s) {
    now += budget.take(of(60, 60 * 1024), now);
    samples += 60;
  }
  BOOST_TEST(samples >= 10'000);
  BOOST_TEST(samples <= 10'160);
}
