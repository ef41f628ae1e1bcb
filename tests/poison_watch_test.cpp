#include "actors/supervise/poison_watch.hpp"

#include <boost/test/unit_test.hpp>

using namespace reflector;

BOOST_AUTO_TEST_CASE(the_same_message_three_times_in_a_row_is_poison) {
  poison_watch watch;
  BOOST_TEST(!watch.failed("a", "records 7-9", "boom"));
  BOOST_TEST(!watch.failed("a", "records 7-9", "boom"));
  BOOST_TEST(watch.known("a").empty());
  BOOST_TEST(watch.failed("a", "records 7-9", "boom"));
  BOOST_TEST(watch.known("a").size() == 1U);
  BOOST_TEST(watch.known("a").front().message == "records 7-9");
  BOOST_TEST(watch.known("a").front().why == "boom");
}

BOOST_AUTO_TEST_CASE(another_message_between_begins_the_count_anew) {
  poison_watch watch;
  for (int i = 0; i < 10; ++i)
    BOOST_TEST(!watch.failed("a", i % 3 == 2 ? "tick 2" : "tick 1", "boom"));
}

BOOST_AUTO_TEST_CASE(children_are_counted_apart_and_no_message_is_none) {
  poison_watch watch;
  for (int i = 0; i < 2; ++i) {
    BOOST_TEST(!watch.failed("a", "tick 1", "boom"));
    BOOST_TEST(!watch.failed("b", "tick 1", "boom"));
  }
  for (int i = 0; i < 5; ++i) BOOST_TEST(!watch.failed("c", "", "boom"));
}

BOOST_AUTO_TEST_CASE(what_is_known_is_bounded) {
  poison_watch watch;
  for (int n = 0; n < 100; ++n)
    for (int i = 0; i < 3; ++i) watch.failed("a", "records " + std::to_string(n), "boom");
  BOOST_TEST(watch.known("a").size() == poison_watch::max_known);
  BOOST_TEST(watch.known("a").back().message == "records 99");
  watch.forget("a");
  BOOST_TEST(watch.known("a").empty());
}
