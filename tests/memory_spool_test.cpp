#include "actors/deliver/memory_spool.hpp"

#include "tests/virtual_time.hpp"

#include <boost/test/unit_test.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

using namespace reflector;

namespace {

record numbered(std::uint64_t sequence) {
  return {sequence, std::make_shared<const std::string>("{}"), nullptr};
}

struct spool_at_work {
  spool_at_work() {
    record_queue queue{1000};
    queue.add_endpoint("a", 0);
    queue.add_endpoint("b", 0);
    spool = spawn_memory_spool(time.system(), std::move(queue),
                               {[this](std::uint64_t last) -> result<void> {
                                  if (disk_full) return failure(fault_code::io, "no space");
                                  stored = last;
                                  return {};
                                },
                                [this](const record_queue& q) -> result<void> {
                                  kept = q.records().size();
                                  return {};
                                }},
                               false);
  }

  ~spool_at_work() {
    caf::anon_send_exit(spool, caf::exit_reason::kill);
    time.run();
  }

  /// The answer to a question, if there is one by now.
  template <class Answer, class Question>
  std::optional<Answer> ask(Question question) {
    auto pending = self->request(spool, caf::infinite, std::move(question));
    time.run();
    std::optional<Answer> got;
    if (self->has_next_message()) pending.receive([&](Answer& a) { got = a; }, [](caf::error&) {});
    return got;
  }

  commit_receipt keep(std::uint64_t from, std::uint64_t to) {
    commit group;
    for (auto i = from; i <= to; ++i) group.records.push_back(numbered(i));
    return ask<commit_receipt>(std::move(group)).value();
  }

  virtual_time time;
  caf::scoped_actor self{time.system()};
  spool_actor spool;
  bool disk_full = false;
  std::uint64_t stored = 0;
  std::size_t kept = 0;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(memory_spool, spool_at_work)

BOOST_AUTO_TEST_CASE(a_commit_is_answered_once_its_number_is_on_the_disk) {
  BOOST_TEST(keep(1, 3).last_sequence == 3U);
  BOOST_TEST(stored == 3U);
  BOOST_TEST(ask<commit_receipt>(last_atom{})->last_sequence == 3U);
}

BOOST_AUTO_TEST_CASE(a_question_waits_for_its_answer) {
  auto pending = self->request(spool, caf::infinite, next_records{"a", 0, 10, 1000});
  time.run();
  BOOST_TEST(!self->has_next_message());
  caf::anon_send(spool, commit{{numbered(1)}});
  time.run();
  std::size_t got = 0;
  pending.receive([&](record_slice& slice) { got = slice.records.size(); }, [](caf::error&) {});
  BOOST_TEST(got == 1U);
}

BOOST_AUTO_TEST_CASE(what_one_endpoint_has_the_other_still_gets) {
  keep(1, 2);
  BOOST_TEST(!ask<record_slice>(next_records{"a", 2, 10, 1000}).has_value());
  BOOST_TEST(ask<record_slice>(next_records{"b", 0, 10, 1000})->records.size() == 2U);
}

BOOST_AUTO_TEST_CASE(a_full_spool_tells_the_batcher_what_is_lost) {
  const auto receipt = keep(1, 30);
  BOOST_REQUIRE(receipt.lost.size() == 1U);
  BOOST_TEST(receipt.lost.front().from == 1U);
  BOOST_TEST(receipt.lost.front().to == 30U - 1000U / (2 + record_queue::overhead_bytes));
}

BOOST_AUTO_TEST_CASE(a_disk_that_takes_nothing_does_not_stop_the_samples) {
  disk_full = true;
  BOOST_TEST(keep(1, 1).last_sequence == 1U);
  disk_full = false;
  keep(2, 2);
  BOOST_TEST(stored == 2U);
}

BOOST_AUTO_TEST_CASE(what_waits_is_kept_at_the_end_also_of_a_crash) {
  keep(1, 2);
  caf::anon_send(spool, commit{{numbered(9)}});  // a gap: the spool throws
  time.run();
  BOOST_TEST(kept == 2U);
}

BOOST_AUTO_TEST_CASE(what_the_last_stop_left_is_forgotten_once_every_endpoint_has_it) {
  record_queue left{1000};
  left.add_endpoint("a", 0);
  left.add_endpoint("b", 0);
  left.append(numbered(1));
  left.append(numbered(2));
  std::vector<std::size_t> kept_then;
  const auto restarted = spawn_memory_spool(time.system(), std::move(left),
                                            {[](std::uint64_t) { return result<void>{}; },
                                             [&](const record_queue& q) {
                                               kept_then.push_back(q.records().size());
                                               return result<void>{};
                                             }},
                                            false);
  caf::anon_send(restarted, commit{{numbered(3)}});
  caf::anon_send(restarted, next_records{"a", 3, 10, 1000});
  caf::anon_send(restarted, next_records{"b", 1, 10, 1000});
  time.run();
  BOOST_TEST(kept_then.empty());
  caf::anon_send(restarted, next_records{"b", 2, 10, 1000});
  caf::anon_send(restarted, next_records{"b", 3, 10, 1000});
  time.run();
  BOOST_TEST(kept_then == std::vector<std::size_t>{0}, boost::test_tools::per_element());
  caf::anon_send_exit(restarted, caf::exit_reason::kill);
  time.run();
}

BOOST_AUTO_TEST_SUITE_END()
