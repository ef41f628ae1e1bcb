#include "actors/deliver/loss_ledger.hpp"

#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

using namespace reflector;

namespace {

const std::set<std::string> a{"a"}, b{"b"}, both{"a", "b"};

std::vector<std::string> lines(const loss_ledger& ledger) {
  std::vector<std::string> out;
  for (const auto& range : ledger.to_declare(both)) {
    std::string line =
        std::to_string(range.from) + '-' + std::to_string(range.to) + ' ' + range.reason;
    for (const auto& endpoint : range.endpoints) line += ' ' + endpoint;
    out.push_back(line);
  }
  return out;
}

using expected = std::vector<std::string>;

void check(const loss_ledger& ledger, const expected& wanted) {
  BOOST_TEST(lines(ledger) == wanted, boost::test_tools::per_element());
}

}  // namespace

BOOST_AUTO_TEST_CASE(neighbours_of_one_reason_are_one_range) {
  loss_ledger ledger;
  ledger.add(5, 6, "full", both);
  ledger.add(7, 7, "full", both);
  ledger.add(3, 4, "full", both);
  ledger.add(8, 8, "old", both);
  check(ledger, {"3-7 full", "8-8 old"});
}

BOOST_AUTO_TEST_CASE(who_lost_it_is_named_unless_all_did) {
  loss_ledger ledger;
  ledger.add(1, 5, "full", a);
  check(ledger, {"1-5 full a"});
  ledger.add(1, 5, "full", b);
  check(ledger, {"1-5 full"});
}

BOOST_AUTO_TEST_CASE(nothing_is_said_twice_to_one_endpoint) {
  loss_ledger ledger;
  ledger.add(3, 5, "damaged", a);
  ledger.add(1, 9, "full", a);
  check(ledger, {"1-2 full a", "3-5 damaged a", "6-9 full a"});
  ledger.add(4, 7, "old", both);
  check(ledger, {"1-2 full a", "3-5 damaged a", "4-7 old b", "6-9 full a"});
}

BOOST_AUTO_TEST_CASE(it_stays_until_each_has_acknowledged_a_record_that_tells_it) {
  loss_ledger ledger;
  ledger.add(1, 5, "full", both);
  BOOST_TEST(!ledger.acknowledge("a", 100));
  ledger.declared(10, ledger.to_declare(both));
  BOOST_TEST(!ledger.acknowledge("a", 9));
  BOOST_TEST(ledger.acknowledge("a", 10));
  check(ledger, {"1-5 full b"});
  BOOST_TEST(ledger.acknowledge("b", 11));
  check(ledger, {});
}

BOOST_AUTO_TEST_CASE(what_has_grown_since_it_was_declared_is_still_to_be_declared) {
  loss_ledger ledger;
  ledger.add(1, 5, "full", a);
  const auto said = ledger.to_declare(both);
  ledger.add(6, 9, "full", a);
  ledger.declared(10, said);
  ledger.acknowledge("a", 10);
  check(ledger, {"1-9 full a"});

  loss_ledger other;
  other.add(1, 5, "full", a);
  const auto to_a = other.to_declare(both);
  other.add(1, 5, "full", b);
  other.declared(10, to_a);
  other.acknowledge("b", 10);
  check(other, {"1-5 full"});
}

BOOST_AUTO_TEST_CASE(a_forgotten_endpoint_is_told_nothing) {
  loss_ledger ledger;
  ledger.add(1, 5, "full", both);
  ledger.add(8, 9, "full", b);
  BOOST_TEST(ledger.forget("b"));
  check(ledger, {"1-5 full a"});
  BOOST_TEST(!ledger.forget("b"));
}

BOOST_AUTO_TEST_CASE(it_is_bounded_and_then_says_more_than_is_true_never_less) {
  loss_ledger ledger;
  for (std::uint64_t n = 1; n <= 200; n += 2) ledger.add(n, n, "damaged", n % 4 == 1 ? a : b);
  BOOST_TEST(ledger.entries().size() == loss_ledger::max_ranges);
  for (std::uint64_t n = 1; n <= 200; n += 2) {
    bool told = false;
    for (const auto& entry : ledger.entries())
      told = told ||
             (entry.from <= n && n <= entry.to && entry.untold.contains(n % 4 == 1 ? "a" : "b"));
    BOOST_TEST(told);
  }
}
