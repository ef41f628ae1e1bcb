#include "actors/supervise/heartbeats.hpp"

#include <boost/test/unit_test.hpp>

using namespace reflector;
using namespace std::chrono_literals;

namespace {
const monotonic_time start{1h};
}

BOOST_AUTO_TEST_CASE(one_question_at_a_time) {
  heartbeats beats{10s};
  BOOST_TEST(beats.may_ask(3, 1));
  beats.asked(3, 1, start);
  BOOST_TEST(!beats.may_ask(3, 1));
  BOOST_TEST(beats.may_ask(3, 2));  // the next life was asked nothing
  BOOST_TEST(beats.may_ask(2, 1));
  BOOST_TEST(beats.answered(3, 1, start + 5ms)->count() == 5'000'000);
  BOOST_TEST(beats.may_ask(3, 1));
}

BOOST_AUTO_TEST_CASE(an_earlier_lifes_answer_counts_for_nothing) {
  heartbeats beats{10s};
  beats.asked(0, 2, start);
  BOOST_TEST(!beats.answered(0, 1, start + 1ms).has_value());
  BOOST_TEST(!beats.may_ask(0, 2));
}

BOOST_AUTO_TEST_CASE(who_does_not_answer_by_the_deadline_is_hung) {
  heartbeats beats{10s};
  BOOST_TEST(beats.round(start));
  beats.asked(0, 1, start);
  BOOST_TEST(!beats.missed(0, 1, 10s, start + 10s));
  BOOST_TEST(beats.missed(0, 1, 10s, start + 11s));
  BOOST_TEST(!beats.missed(1, 1, 10s, start + 11s));
  beats.answered(0, 1, start + 12s);
  BOOST_TEST(!beats.missed(0, 1, 10s, start + 13s));
}

BOOST_AUTO_TEST_CASE(a_stand_still_of_the_whole_process_makes_nobody_hung) {
  heartbeats beats{10s};
  BOOST_TEST(beats.round(start));
  beats.asked(0, 1, start);
  BOOST_TEST(!beats.round(start + 1h));
  BOOST_TEST(!beats.missed(0, 1, 10s, start + 1h));
  BOOST_TEST(beats.round(start + 1h + 11s));
  BOOST_TEST(beats.missed(0, 1, 10s, start + 1h + 11s));
}
