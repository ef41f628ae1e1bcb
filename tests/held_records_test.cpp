#include "actors/deliver/held_records.hpp"

#include <memory>
#include <string>

#include <boost/test/unit_test.hpp>

using namespace reflector;

namespace {

held_records five_from(std::uint64_t first) {
  held_records held;
  for (std::uint64_t n = first; n < first + 5; ++n)
    held.add({n, std::make_shared<const std::string>(100, 'x'), nullptr});
  return held;
}

}  // namespace

BOOST_AUTO_TEST_CASE(what_is_asked_for_is_found_by_its_number) {
  const auto held = five_from(10);
  BOOST_TEST(held.from(10, 100, 10'000).size() == 5U);
  BOOST_TEST(held.from(12, 100, 10'000).front().sequence == 12U);
  BOOST_TEST(held.from(9, 100, 10'000).empty());
  BOOST_TEST(held.from(15, 100, 10'000).empty());
  BOOST_TEST(held_records{}.from(1, 1, 1).empty());
}

BOOST_AUTO_TEST_CASE(samples_and_bytes_bound_the_answer_but_for_its_first) {
  const auto held = five_from(10);
  BOOST_TEST(held.from(10, 2, 10'000).size() == 2U);
  BOOST_TEST(held.from(10, 100, 303).size() == 3U);
  BOOST_TEST(held.from(10, 100, 0).size() == 1U);
}

BOOST_AUTO_TEST_CASE(bytes_go_with_the_records) {
  auto held = five_from(1);
  const auto all = held.bytes();
  BOOST_TEST(all >= 500U);
  held.drop_oldest();
  BOOST_TEST(held.oldest() == 2U);
  BOOST_TEST(held.bytes() == all / 5 * 4);
  while (!held.empty()) held.drop_oldest();
  BOOST_TEST(held.bytes() == 0U);
}
