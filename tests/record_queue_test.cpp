#include "actors/deliver/record_queue.hpp"

#include <boost/test/unit_test.hpp>

using namespace reflector;

namespace {

record numbered(std::uint64_t sequence, std::size_t size = 36) {
  return {sequence, std::make_shared<const std::string>(size, 'x'), nullptr};
}

std::vector<std::uint64_t> sequences(const std::vector<record>& records) {
  std::vector<std::uint64_t> out;
  for (const auto& r : records) out.push_back(r.sequence);
  return out;
}

const std::size_t cost = 36 + record_queue::overhead_bytes;  // of numbered(n)

}  // namespace

BOOST_AUTO_TEST_CASE(each_endpoint_has_its_own_place) {
  record_queue queue{100'000};
  queue.add_endpoint("a", 0);
  queue.add_endpoint("b", 0);
  for (std::uint64_t i = 1; i <= 4; ++i) queue.append(numbered(i));
  queue.acknowledge("a", 3);
  BOOST_TEST(sequences(queue.hand_out("a", 10, 10'000)) == std::vector<std::uint64_t>{4});
  BOOST_TEST(sequences(queue.hand_out("b", 10, 10'000)) ==
             (std::vector<std::uint64_t>{1, 2, 3, 4}));
  BOOST_TEST(queue.records().size() == 4U);
  queue.acknowledge("b", 2);
  BOOST_TEST(queue.records().size() == 2U);  // one copy, until the slowest has it
}

BOOST_AUTO_TEST_CASE(a_slice_keeps_both_bounds_but_is_never_empty) {
  record_queue queue{100'000};
  queue.add_endpoint("a", 0);
  for (std::uint64_t i = 1; i <= 5; ++i) queue.append(numbered(i));
  BOOST_TEST(queue.hand_out("a", 2, 10'000).size() == 2U);
  BOOST_TEST(queue.hand_out("a", 10, 3 * 37).size() == 3U);
  BOOST_TEST(queue.hand_out("a", 10, 3 * 37 - 1).size() == 2U);
  BOOST_TEST(queue.hand_out("a", 10, 1).size() == 1U);
  BOOST_TEST(queue.hand_out("stranger", 10, 10'000).empty());
}

BOOST_AUTO_TEST_CASE(a_cursor_never_goes_back_nor_past_the_end) {
  record_queue queue{100'000};
  queue.add_endpoint("a", 0);
  for (std::uint64_t i = 1; i <= 3; ++i) queue.append(numbered(i));
  queue.acknowledge("a", 2);
  queue.acknowledge("a", 1);
  BOOST_TEST(queue.cursors().at("a") == 2U);
  queue.acknowledge("a", 99);
  BOOST_TEST(queue.cursors().at("a") == 3U);
  queue.append(numbered(4));
  BOOST_TEST(sequences(queue.hand_out("a", 10, 10'000)) == std::vector<std::uint64_t>{4});
}

BOOST_AUTO_TEST_CASE(what_is_given_up_when_full_is_accounted_for_exactly) {
  record_queue queue{3 * cost};
  queue.add_endpoint("dead", 0);
  for (std::uint64_t i = 1; i <= 10; ++i) queue.append(numbered(i));
  BOOST_TEST(queue.bytes() == 3 * cost);
  BOOST_TEST((queue.lost() == std::vector<lost_range>{{1, 7, "the spool was full"}}));
  BOOST_TEST(sequences(queue.hand_out("dead", 10, 10'000)) ==
             (std::vector<std::uint64_t>{8, 9, 10}));
}

BOOST_AUTO_TEST_CASE(a_loss_stays_until_everyone_acknowledged_a_record_that_tells_of_it) {
  record_queue queue{3 * cost};
  queue.add_endpoint("a", 0);
  queue.add_endpoint("b", 0);
  for (std::uint64_t i = 1; i <= 5; ++i) queue.append(numbered(i));
  const auto told = queue.lost();
  BOOST_TEST((told == std::vector<lost_range>{{1, 2, "the spool was full"}}));
  queue.append(numbered(6));  // gives up 3 as well, after the telling was written
  queue.declared(6, told);
  queue.acknowledge("a", 6);
  BOOST_TEST((queue.lost() == std::vector<lost_range>{{1, 3, "the spool was full"}}));
  queue.acknowledge("b", 6);
  BOOST_TEST((queue.lost() == std::vector<lost_range>{{3, 3, "the spool was full"}}));
}

BOOST_AUTO_TEST_CASE(nothing_is_lost_that_everybody_has) {
  record_queue queue{3 * cost};
  queue.add_endpoint("a", 0);
  for (std::uint64_t i = 1; i <= 100; ++i) {
    queue.append(numbered(i));
    queue.acknowledge("a", i);
  }
  BOOST_TEST(queue.lost().empty());
  BOOST_TEST(queue.bytes() == 0U);
}

BOOST_AUTO_TEST_CASE(a_gap_in_the_numbers_is_a_bug) {
  record_queue queue{1000};
  queue.append(numbered(1));
  BOOST_CHECK_THROW(queue.append(numbered(3)), std::logic_error);
  queue.continue_after(9);
  BOOST_CHECK_NO_THROW(queue.append(numbered(10)));
}

BOOST_AUTO_TEST_CASE(what_is_in_an_endpoints_hands_is_not_lost_while_it_is) {
  record_queue queue{3 * cost};
  queue.add_endpoint("a", 0);
  queue.append(numbered(1));
  BOOST_TEST(queue.hand_out("a", 10, 10'000).size() == 1U);
  for (std::uint64_t i = 2; i <= 6; ++i) queue.append(numbered(i));  // gives up 1, 2 and 3
  BOOST_TEST((queue.lost() == std::vector<lost_range>{{2, 3, "the spool was full"}}));
  queue.acknowledge("a", 1);
  BOOST_TEST(sequences(queue.hand_out("a", 10, 10'000)) == (std::vector<std::uint64_t>{4, 5, 6}));
  BOOST_TEST((queue.lost() == std::vector<lost_range>{{2, 3, "the spool was full"}}));
}

BOOST_AUTO_TEST_CASE(what_an_endpoint_held_and_did_not_deliver_is_lost_when_it_asks_again) {
  record_queue queue{3 * cost};
  queue.add_endpoint("a", 0);
  queue.append(numbered(1));
  queue.hand_out("a", 10, 10'000);
  for (std::uint64_t i = 2; i <= 6; ++i) queue.append(numbered(i));
  BOOST_TEST(sequences(queue.hand_out("a", 1, 10'000)) == std::vector<std::uint64_t>{4});
  BOOST_TEST((queue.lost() ==
              std::vector<lost_range>{{1, 1, "the spool was full"}, {2, 3, "the spool was full"}}));
}
BOOST_AUTO_TEST_CASE(a_first_start_loses_nothing) {
  record_queue queue{1000};
  queue.resume_after(10);
  BOOST_TEST(queue.last_sequence() == 10U);
  BOOST_TEST(queue.lost().empty());
}

BOOST_AUTO_TEST_CASE(the_ledger_is_bounded_and_forgets_no_loss) {
  record_queue queue{1000};
  queue.add_endpoint("a", 0);
  std::vector<lost_range> every_other;
  for (std::uint64_t i = 0; i < record_queue::max_lost_ranges; ++i)
    every_other.push_back({2 * i + 1, 2 * i + 1, "why"});
  queue.remember_lost(every_other);
  queue.continue_after(100);
  queue.resume_after(110);
  BOOST_REQUIRE(queue.lost().size() == record_queue::max_lost_ranges);
  BOOST_TEST((queue.lost()[0] == lost_range{1, 3, "why"}));
  BOOST_TEST(queue.lost().back().from == 101U);
}
