#include "tests/simulation/shrink.hpp"

#include "tests/simulation/fault_plan.hpp"

#include <algorithm>
#include <numeric>

#include <boost/test/unit_test.hpp>

using namespace reflector::simulation;

BOOST_AUTO_TEST_CASE(what_matters_is_left_and_nothing_else) {
  std::vector<int> all(40);
  std::iota(all.begin(), all.end(), 0);
  std::size_t tries = 0;
  const auto least = shrink<int>(
      all,
      [&](const std::vector<int>& some) {
        ++tries;
        return std::count(some.begin(), some.end(), 7) + std::count(some.begin(), some.end(), 31) ==
               2;
      },
      200);
  BOOST_TEST(least == (std::vector<int>{7, 31}), boost::test_tools::per_element());
  BOOST_TEST(tries < 60U);
}

BOOST_AUTO_TEST_CASE(it_ends_after_so_many_tries_with_a_list_that_fails) {
  std::vector<int> all(40, 1);
  std::size_t tries = 0;
  const auto fails = [&](const std::vector<int>& some) {
    ++tries;
    return some.size() > 20;
  };
  BOOST_TEST(shrink<int>(all, fails, 3).size() > 20U);
  BOOST_TEST(tries <= 3U);
}

BOOST_AUTO_TEST_CASE(what_fails_without_anything_is_shrunk_to_nothing) {
  BOOST_TEST(shrink<int>(
                 {1, 2, 3}, [](const auto&) { return true; }, 100)
                 .empty());
}

BOOST_AUTO_TEST_CASE(a_plan_follows_from_its_seed_and_is_over_in_time) {
  const std::chrono::hours until{5};
  for (std::uint64_t seed = 1; seed < 200; ++seed) {
    const auto plan = make_fault_plan(seed, until);
    const auto again = make_fault_plan(seed, until);
    BOOST_TEST(plan.size() >= 8U);
    BOOST_TEST(plan.size() == again.size());
    for (std::size_t i = 0; i < plan.size(); ++i) {
      BOOST_TEST(to_text(plan[i]) == to_text(again[i]));
      BOOST_TEST((plan[i].at + plan[i].lasts <= until));
      BOOST_TEST((i == 0 || plan[i - 1].at <= plan[i].at));
      BOOST_TEST((plan[i].at.count() >= 0));
    }
  }
  BOOST_TEST(to_text(make_fault_plan(1, until)[0]) != to_text(make_fault_plan(2, until)[0]));
}
