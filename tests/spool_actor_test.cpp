#include "actors/deliver/spool_actor.hpp"

#include "tests/durable_spool_fixture.hpp"
#include "tests/virtual_time.hpp"

#include <optional>
#include <vector>

#include <boost/test/unit_test.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>

using namespace reflector;
using namespace std::chrono_literals;

namespace {

/// Asks and remembers the answer.
template <class Answer, class Question>
std::shared_ptr<std::vector<Answer>> ask(virtual_time& time, const spool_actor& spool,
                                         Question question) {
  auto answers = std::make_shared<std::vector<Answer>>();
  time.system().spawn([answers, spool, question](caf::event_based_actor* self) {
    self->request(spool, caf::infinite, question).then([answers](Answer& answer) {
      answers->push_back(std::move(answer));
    });
  });
  time.run();
  return answers;
}

struct spool_server_at_work : spool_at_work {
  spool_server_at_work() { start(); }

  void start() {
    spool = spawn_spool(
        time.system(),
        [this]() -> result<std::unique_ptr<reflector::spool>> {
          if (broken) return failure(fault_code::full, "no space");
          return open_durable_spool(settings);
        },
        false);
    time.run();
  }

  ~spool_server_at_work() {
    caf::anon_send_exit(spool, caf::exit_reason::kill);
    time.advance(2s);
  }

  auto commit_of(std::uint64_t from, std::uint64_t to) {
    return ask<commit_receipt>(time, spool, commit{numbered_range(from, to)});
  }

  auto wanted(std::uint64_t reached, std::size_t samples = 100) {
    return ask<record_slice>(time, spool, next_records{"ego", reached, samples, 1'000'000});
  }

  virtual_time time;
  bool broken = false;
  spool_actor spool;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(serving, spool_server_at_work)

BOOST_AUTO_TEST_CASE(a_question_waits_until_there_is_something) {
  const auto slice = wanted(0);
  BOOST_TEST(slice->empty());
  BOOST_TEST(commit_of(1, 2)->at(0).last_sequence == 2U);
  BOOST_REQUIRE(slice->size() == 1U);
  BOOST_TEST(slice->at(0).records.size() == 2U);
  BOOST_TEST(wanted(2)->empty());
}

BOOST_AUTO_TEST_CASE(a_newer_question_takes_the_place_of_an_older_one) {
  const auto older = wanted(0);
  const auto newer = wanted(0);
  commit_of(1, 1);
  BOOST_TEST(older->empty());
  BOOST_TEST(newer->size() == 1U);
}

BOOST_AUTO_TEST_CASE(until_it_can_be_opened_nothing_is_answered_and_it_is_tried_every_second) {
  caf::anon_send_exit(spool, caf::exit_reason::kill);
  time.run();
  broken = true;
  start();
  const auto last = ask<commit_receipt>(time, spool, last_atom::value);
  const auto slice = wanted(0);
  time.advance(10s, 100ms);
  BOOST_TEST(last->empty());
  broken = false;
  time.advance(1100ms, 100ms);
  BOOST_REQUIRE(last->size() == 1U);
  BOOST_TEST(last->at(0).last_sequence == 0U);
  commit_of(1, 1);
  BOOST_TEST(slice->size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_dead_letter_is_kept_and_declared) {
  commit_of(1, 3);
  const auto kept =
      ask<dead_letter_receipt>(time, spool, dead_letter{"ego", numbered(2), 400, "no"});
  BOOST_REQUIRE(kept->size() == 1U);
  BOOST_TEST(kept->at(0).kept);
  const auto receipt = commit_of(4, 4);
  BOOST_REQUIRE(receipt->at(0).lost.size() == 1U);
  BOOST_TEST(receipt->at(0).lost[0].from == 2U);
}

BOOST_AUTO_TEST_CASE(a_commit_with_a_wrong_number_ends_it_for_the_supervisor_to_restart) {
  commit_of(1, 1);
  BOOST_TEST(commit_of(5, 5)->empty());
  start();
  BOOST_TEST(ask<commit_receipt>(time, spool, last_atom::value)->at(0).last_sequence == 1U);
}

BOOST_AUTO_TEST_SUITE_END()
