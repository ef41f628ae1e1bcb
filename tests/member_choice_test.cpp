#include "actors/deliver/member_choice.hpp"

#include <map>

#include <boost/test/unit_test.hpp>

using namespace reflector;
using namespace std::chrono_literals;

namespace {

/// Three members of which some are down, and a batch a second.
struct three_members {
  /// @return where the next batch arrives, what it was tried with on the way in `tried`; 3: nowhere
  std::size_t batch() {
    now += 1s;
    tried.clear();
    std::size_t to = choice.begin(now);
    for (;;) {
      tried.push_back(to);
      if (!is_down[to]) {
        choice.answered(to, now);
        return to;
      }
      const auto next = choice.failed(to, now);
      if (!next) return 3;
      to = *next;
    }
  }

  member_choice choice{3, 30s};
  bool is_down[3] = {};
  std::vector<std::size_t> tried;
  monotonic_time now{};
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(which_member_gets_a_batch, three_members)

BOOST_AUTO_TEST_CASE(the_best_gets_all_while_it_is_well) {
  for (int i = 0; i < 100; ++i) BOOST_TEST(batch() == 0U);
}

BOOST_AUTO_TEST_CASE(the_next_best_gets_what_it_fails_and_all_that_follows) {
  batch();
  is_down[0] = true;
  BOOST_TEST(batch() == 1U);
  BOOST_TEST(tried == (std::vector<std::size_t>{0, 1}), boost::test_tools::per_element());
  BOOST_TEST(batch() == 1U);
  BOOST_TEST(tried == (std::vector<std::size_t>{1}), boost::test_tools::per_element());
  is_down[1] = true;
  BOOST_TEST(batch() == 2U);
}

BOOST_AUTO_TEST_CASE(one_that_is_down_is_tried_ever_more_seldom) {
  is_down[0] = true;
  int attempts = 0;
  for (int i = 0; i < 300; ++i) {
    BOOST_TEST(batch() == 1U);
    attempts += tried.front() == 0 ? 1 : 0;
  }
  // At 0, 8, 23, 53, 113, 173, 233 and 293 s.
  BOOST_TEST(attempts == 8);
}

BOOST_AUTO_TEST_CASE(it_gets_all_again_once_it_was_well_for_so_long) {
  is_down[0] = true;
  batch();
  is_down[0] = false;
  int at_first = 0, seconds = 0;
  while (choice.active() != 0 && seconds < 100) {
    at_first += batch() == 0 ? 1 : 0;
    ++seconds;
  }
  // Tried every 7.5 s from the first time on, until 30 s have passed since then.
  BOOST_TEST(seconds >= 37);
  BOOST_TEST(seconds <= 42);
  BOOST_TEST(at_first == 5);
  for (int i = 0; i < 10; ++i) BOOST_TEST(batch() == 0U);
}

BOOST_AUTO_TEST_CASE(a_failure_on_the_way_back_begins_the_time_anew) {
  is_down[0] = true;
  batch();
  is_down[0] = false;
  for (int i = 0; i < 20; ++i) batch();
  is_down[0] = true;
  for (int i = 0; i < 10; ++i) BOOST_TEST(batch() == 1U);
  is_down[0] = false;
  for (int i = 0; i < 30; ++i) batch();
  BOOST_TEST(choice.active() == 1U);
}

BOOST_AUTO_TEST_CASE(a_better_one_that_takes_what_the_active_one_fails_is_active_at_once) {
  is_down[0] = true;
  batch();
  is_down[0] = false;
  is_down[1] = true;
  BOOST_TEST(batch() == 0U);
  BOOST_TEST(choice.active() == 0U);
}

BOOST_AUTO_TEST_CASE(each_is_tried_once_before_a_batch_has_failed) {
  for (auto& each : is_down) each = true;
  BOOST_TEST(batch() == 3U);
  BOOST_TEST(tried == (std::vector<std::size_t>{0, 1, 2}), boost::test_tools::per_element());
  is_down[2] = false;
  BOOST_TEST(batch() == 2U);
  BOOST_TEST(choice.active() == 2U);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_CASE(a_fleet_spreads_evenly_and_hardly_moves_when_a_member_is_added) {
  const std::vector<std::string> three{"ego-a", "ego-b", "ego-c"};
  auto four = three;
  four.push_back("ego-d");
  std::map<std::string, int> first, second_of_a;
  int moved = 0;
  constexpr int hosts = 3000;
  for (int i = 0; i < hosts; ++i) {
    const std::string host = "rack-" + std::to_string(i / 40) + "-" + std::to_string(i % 40);
    const auto order = rendezvous_order(host, three);
    BOOST_REQUIRE(order.size() == 3U);
    BOOST_REQUIRE((order == rendezvous_order(host, three)));
    ++first[three[order[0]]];
    if (order[0] == 0) ++second_of_a[three[order[1]]];
    const auto with_four = rendezvous_order(host, four);
    if (four[with_four[0]] != three[order[0]]) {
      ++moved;
      BOOST_TEST(four[with_four[0]] == "ego-d");
    }
  }
  for (const auto& name : three) BOOST_TEST(std::abs(first[name] - hosts / 3) < 120);
  // Those of one that is down spread over all the others.
  BOOST_TEST(std::abs(second_of_a["ego-b"] - second_of_a["ego-c"]) < 120);
  BOOST_TEST(std::abs(moved - hosts / 4) < 120);
}
