#include "actors/deliver/bisection.hpp"

#include <cmath>
#include <functional>
#include <vector>

#include <boost/test/unit_test.hpp>

using namespace reflector;

namespace {

constexpr auto certain = bisection::evidence::certain;
constexpr auto doubtful = bisection::evidence::doubtful;

struct search_result {
  std::uint64_t found = 0;  ///< 0: all have passed
  int requests = 0;
};

/// What a refusal of samples first to last names.
using guess = std::function<std::optional<std::uint64_t>(std::uint64_t first, std::uint64_t last)>;

guess always(std::uint64_t named) {
  return [named](std::uint64_t, std::uint64_t) { return named; };
}

/// Samples first to last, refused as one batch; `bad` is to blame.
search_result search(
    std::uint64_t first, std::uint64_t last, std::uint64_t bad, bisection::evidence grounds,
    const guess& named = [](std::uint64_t, std::uint64_t) { return std::nullopt; }) {
  bisection range;
  range.refused(first, last, grounds, named(first, last));
  search_result result;
  while (range.active()) {
    const std::uint64_t end = first + range.next_size() - 1;
    BOOST_REQUIRE(end <= last);
    BOOST_REQUIRE(++result.requests < 1000);
    if (bad < first || bad > end) {
      range.passed(end);
      first = end + 1;
    } else if (first == end) {
      result.found = bad;
      range.clear();
    } else {
      range.refused(first, end, grounds, named(first, end));
    }
  }
  return result;
}

}  // namespace

BOOST_AUTO_TEST_CASE(halving_finds_every_position_with_one_request_a_level) {
  for (const std::uint64_t size : {2U, 3U, 7U, 100U, 1000U})
    for (std::uint64_t bad = 5001; bad <= 5000 + size; ++bad) {
      const auto result = search(5001, 5000 + size, bad, certain);
      BOOST_TEST(result.found == bad);
      BOOST_TEST(result.requests <= std::ceil(std::log2(size)) + 1);
    }
}

BOOST_AUTO_TEST_CASE(where_it_is_doubtful_the_rest_is_tried_as_a_whole) {
  for (std::uint64_t bad = 1; bad <= 100; ++bad) {
    const auto result = search(1, 100, bad, doubtful);
    BOOST_TEST(result.found == bad);
    BOOST_TEST(result.requests <= 2 * std::ceil(std::log2(100)));
  }
  // None is bad: two halves.
  BOOST_TEST(search(1, 100, 0, doubtful).requests == 2);
}

BOOST_AUTO_TEST_CASE(a_good_guess_needs_two_requests) {
  for (std::uint64_t bad = 1; bad <= 100; ++bad) {
    const auto result = search(1, 100, bad, certain, always(bad));
    BOOST_TEST(result.found == bad);
    BOOST_TEST(result.requests <= 2);
  }
}

BOOST_AUTO_TEST_CASE(wrong_guesses_cost_two_requests_however_many_they_are) {
  std::vector<guess> liars;
  for (const std::uint64_t named : {1U, 2U, 50U, 99U, 100U, 1000U}) liars.push_back(always(named));
  liars.emplace_back([](std::uint64_t first, std::uint64_t) { return first; });
  liars.emplace_back([](std::uint64_t, std::uint64_t last) { return last; });
  liars.emplace_back(
      [](std::uint64_t first, std::uint64_t last) { return (first + last) / 2 + 1; });
  for (std::uint64_t bad = 1; bad <= 100; ++bad)
    for (const auto& liar : liars) {
      const auto result = search(1, 100, bad, certain, liar);
      BOOST_TEST(result.found == bad);
      BOOST_TEST(result.requests <= std::ceil(std::log2(100)) + 3);
    }
}

BOOST_AUTO_TEST_CASE(a_batch_that_was_only_too_large_says_which_size_passes) {
  bisection range;
  range.refused(1, 100, doubtful, std::nullopt);
  BOOST_TEST(!range.passed(50).has_value());
  BOOST_TEST((range.passed(100) == 50U));
  BOOST_TEST(!range.active());
  // EGO's first contact: one, then all the others.
  range.refused(1, 100, doubtful, 1);
  BOOST_TEST(range.next_size() == 1U);
  BOOST_TEST(!range.passed(1).has_value());
  BOOST_TEST(range.next_size() == 99U);
  BOOST_TEST(!range.passed(100).has_value());
}
