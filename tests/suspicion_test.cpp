#include "actors/deliver/suspicion.hpp"

#include <vector>

#include <boost/test/unit_test.hpp>

using namespace reflector;

namespace {

/// Fails the suspect until it's another one's turn. @return how often
int until_others_turn(suspicion& about) {
  int failures = 0;
  while (!about.others_turn()) {
    BOOST_TEST(!about.failed());
    ++failures;
  }
  return failures;
}

}  // namespace

BOOST_AUTO_TEST_CASE(it_takes_four_failures_another_ones_answer_and_a_last_chance) {
  suspicion about;
  BOOST_TEST(!about.active());
  BOOST_TEST(until_others_turn(about) == 4);
  BOOST_TEST(about.active());
  about.other_answered();
  BOOST_TEST(!about.others_turn());
  BOOST_TEST(about.last_chance());
  BOOST_TEST(about.failed());
}

BOOST_AUTO_TEST_CASE(in_an_outage_they_take_turns_for_ever) {
  suspicion about;
  until_others_turn(about);
  std::vector<std::size_t> distances;
  for (int i = 0; i < 1000; ++i) {
    distances.push_back(about.distance());
    about.other_failed();
    BOOST_TEST(!about.others_turn());
    BOOST_TEST(!about.failed());
    BOOST_TEST(about.others_turn());
  }
  distances.resize(6);
  BOOST_TEST(distances == (std::vector<std::size_t>{1, 2, 4, 8, 16, 16}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_says_nothing_about_samples_begins_it_anew) {
  suspicion about;
  until_others_turn(about);
  about.other_answered();
  about.outage();
  BOOST_TEST(!about.last_chance());
  BOOST_TEST(until_others_turn(about) == 4);
}

BOOST_AUTO_TEST_CASE(a_receiver_whose_500s_pass_gets_more_patience) {
  suspicion about;
  const auto needed = [&] {
    const auto failures = until_others_turn(about);
    about.clear();
    return failures;
  };
  about.delivered(true);
  BOOST_TEST(needed() == 8);
  for (int i = 0; i < 10; ++i) about.delivered(true);
  BOOST_TEST(needed() == 64);
  for (int i = 0; i < 100; ++i) about.delivered(false);
  BOOST_TEST(needed() == 32);
  for (int i = 0; i < 1000; ++i) about.delivered(false);
  BOOST_TEST(needed() == 4);
}
