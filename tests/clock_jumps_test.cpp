#include "actors/observe/clock_jumps.hpp"

#include <boost/test/unit_test.hpp>

using namespace reflector;
using namespace std::chrono_literals;

namespace {

const monotonic_time start = monotonic_time{} + 10h;
const wall_time noon = wall_time{} + 400'000h;

}  // namespace

BOOST_AUTO_TEST_CASE(a_clock_that_runs_has_not_jumped) {
  clock_jumps jumps;
  for (int i = 0; i < 1000; ++i)
    // Half a second of drift each time, always in the same direction.
    BOOST_TEST(!jumps.seen(start + i * 5s, noon + i * 5500ms));
}

BOOST_AUTO_TEST_CASE(a_jump_is_seen_once_with_its_size_and_direction) {
  clock_jumps jumps;
  BOOST_TEST(!jumps.seen(start, noon));
  const auto forward = jumps.seen(start + 5s, noon + 1h + 5s);
  BOOST_REQUIRE(forward);
  BOOST_TEST((*forward == 1h));
  BOOST_TEST(!jumps.seen(start + 10s, noon + 1h + 10s));
  const auto back = jumps.seen(start + 15s, noon + 15s);
  BOOST_REQUIRE(back);
  BOOST_TEST((*back == -1h));
  BOOST_TEST(!jumps.seen(start + 20s, noon + 20s));
}

BOOST_AUTO_TEST_CASE(a_second_is_the_limit) {
  clock_jumps jumps;
  jumps.seen(start, noon);
  BOOST_TEST(!jumps.seen(start, noon + 1s));
  BOOST_TEST(!jumps.seen(start, noon));
  BOOST_TEST((jumps.seen(start, noon + 1001ms) == 1001ms));
  BOOST_TEST((jumps.seen(start, noon) == -1001ms));
}

BOOST_AUTO_TEST_CASE(a_machine_that_stood_still_with_both_clocks_running_has_no_jump) {
  clock_jumps jumps;
  jumps.seen(start, noon);
  BOOST_TEST(!jumps.seen(start + 24h, noon + 24h));
}
