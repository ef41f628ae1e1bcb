#include "actors/supervise/pacer.hpp"

#include <boost/test/unit_test.hpp>

using namespace reflector;
using namespace std::chrono_literals;

namespace {
const monotonic_time start{};
}

BOOST_AUTO_TEST_CASE(the_first_sample_comes_a_tenth_of_a_second_after_the_baseline) {
  tick_schedule schedule{start, 5s};
  BOOST_TEST((schedule.next_due() == start));
  schedule.issued(start);
  BOOST_TEST(schedule.next_number() == 1U);
  BOOST_TEST((schedule.next_due() == start + 100ms));
  schedule.issued(start + 100ms);
  BOOST_TEST((schedule.next_due() == start + 5100ms));
}

BOOST_AUTO_TEST_CASE(delays_do_not_add_up) {
  tick_schedule schedule{start, 1s};
  schedule.issued(start);
  for (int i = 0; i < 100; ++i) {
    const auto due = schedule.next_due();
    BOOST_TEST((due == start + 100ms + i * 1s));
    BOOST_TEST(schedule.issued(due + 300ms) == 0U);
  }
}

BOOST_AUTO_TEST_CASE(a_machine_that_slept_makes_one_sample_not_a_thousand) {
  tick_schedule schedule{start, 1s};
  schedule.issued(start);
  schedule.issued(start + 100ms);
  const auto woken = start + 1000s;
  BOOST_TEST(schedule.issued(woken) == 998U);
  BOOST_TEST(schedule.next_number() == 3U);
  BOOST_TEST((schedule.next_due() > woken));
  BOOST_TEST((schedule.next_due() <= woken + 1s));
}

BOOST_AUTO_TEST_CASE(the_bucket_gives_its_burst_at_once_and_then_its_rate) {
  token_bucket bucket{10, 3, start};
  for (int i = 0; i < 3; ++i) BOOST_TEST(bucket.take(1, start).count() == 0);
  BOOST_TEST((bucket.take(1, start) == 100ms));
  BOOST_TEST((bucket.take(1, start) == 200ms));
}

BOOST_AUTO_TEST_CASE(the_bucket_never_holds_more_than_its_burst) {
  token_bucket bucket{10, 3, start};
  for (int i = 0; i < 3; ++i) BOOST_TEST(bucket.take(1, start + 1h).count() == 0);
  BOOST_TEST(bucket.take(1, start + 1h).count() > 0);
}

BOOST_AUTO_TEST_CASE(over_a_long_time_the_rate_is_kept) {
  token_bucket bucket{5, 1, start};
  auto now = start;
  int taken = 0;
  while (now < start + 100s) {
    now += bucket.take(1, now);
    ++taken;
  }
  BOOST_TEST(taken >= 500);
  BOOST_TEST(taken <= 502);
}

BOOST_AUTO_TEST_CASE(more_than_the_burst_is_lent_and_paid_back) {
  token_bucket bucket{100, 100, start};
  BOOST_TEST((bucket.take(1000, start) == 9s));
  BOOST_TEST((bucket.take(100, start + 9s) == 1s));
  BOOST_TEST(bucket.take(100, start + 11s).count() == 0);
}
