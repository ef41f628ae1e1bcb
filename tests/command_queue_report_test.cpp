#include "actors/command/command_queue_report.hpp"

#include "actors/command/process_launcher.hpp"
#include "actors/observe/status_board.hpp"

#include <boost/test/unit_test.hpp>

using namespace reflector;
using namespace std::chrono_literals;
using event = audit_entry::event;

namespace {

const monotonic_time now = monotonic_time{} + 1000h;

process_outcome outcome(process_outcome::ending how) {
  process_outcome outcome;
  outcome.how = how;
  return outcome;
}

struct reported {
  status_board board;
  command_queue_report report{&board, "ego", "allow"};

  agent_status::command_queue shown() const { return board.snapshot(now, {}).command_queues.at(0); }
};

}  // namespace

BOOST_AUTO_TEST_CASE(a_queue_is_there_before_anything_came_of_it) {
  const reported it;
  BOOST_TEST(it.shown().said.name == "ego");
  BOOST_TEST(it.shown().said.policy == "allow");
  BOOST_TEST(it.shown().said.problem.empty());
  BOOST_TEST(!it.shown().totals.last_started);
}

BOOST_AUTO_TEST_CASE(what_it_holds_is_shown) {
  reported it;
  it.report.holds(3, 2);
  BOOST_TEST(it.shown().said.waiting == 3U);
  BOOST_TEST(it.shown().said.running == 2U);
  it.report.holds(0, 0);
  BOOST_TEST(it.shown().said.waiting == 0U);
  BOOST_TEST(it.shown().said.running == 0U);
}

BOOST_AUTO_TEST_CASE(each_command_is_counted_by_how_it_ended) {
  reported it;
  const auto exited = outcome(process_outcome::ending::exited);
  const auto cancelled = outcome(process_outcome::ending::cancelled);
  const auto not_started = outcome(process_outcome::ending::not_started);
  it.report.started(now);
  it.report.ended(event::ended, &exited);
  BOOST_TEST(it.shown().totals.ran == 1U);
  BOOST_TEST(it.shown().totals.refused == 0U);
  BOOST_TEST(it.shown().totals.interrupted == 0U);
  BOOST_TEST((it.shown().totals.last_started == now));
  it.report.started(now + 1s);
  it.report.ended(event::ended, &cancelled);
  BOOST_TEST(it.shown().totals.ran == 2U);
  BOOST_TEST(it.shown().totals.interrupted == 1U);
  it.report.ended(event::interrupted, nullptr);
  BOOST_TEST(it.shown().totals.interrupted == 2U);
  it.report.ended(event::refused, nullptr);
  it.report.ended(event::refused, &not_started);
  BOOST_TEST(it.shown().totals.refused == 2U);
  BOOST_TEST(it.shown().totals.interrupted == 2U);
  BOOST_TEST(it.shown().totals.ran == 2U);
}

BOOST_AUTO_TEST_CASE(a_journal_that_fails_is_a_problem_until_it_works) {
  reported it;
  it.report.journal_is("no space left on device");
  BOOST_TEST(it.shown().said.problem == "they can't be written down: no space left on device");
  it.report.journal_is("read-only file system");
  BOOST_TEST(it.shown().said.problem == "they can't be written down: read-only file system");
  it.report.journal_is({});
  BOOST_TEST(it.shown().said.problem.empty());
}

BOOST_AUTO_TEST_CASE(what_was_left_open_is_a_problem_until_it_is_known) {
  reported it;
  it.report.left_open_is_unknown({});
  BOOST_TEST(it.shown().said.problem == "what an earlier agent left open is not known yet");
  it.report.left_open_is_unknown("damaged");
  const std::string unread = "what an earlier agent left open can't be read: damaged";
  BOOST_TEST(it.shown().said.problem == unread);
  // It taking long besides says less.
  it.report.left_open_is_unknown({});
  BOOST_TEST(it.shown().said.problem == unread);
  it.report.journal_is("no space left on device");
  BOOST_TEST(it.shown().said.problem == unread);
  it.report.left_open_is_known();
  BOOST_TEST(it.shown().said.problem == "they can't be written down: no space left on device");
}

BOOST_AUTO_TEST_CASE(an_executor_that_ends_late_does_not_bring_its_queue_back) {
  reported it;
  it.board.forget_command_queue("ego");
  const auto cancelled = outcome(process_outcome::ending::cancelled);
  it.report.ended(event::ended, &cancelled);
  it.report.holds(1, 0);
  it.report.journal_is("no space left on device");
  BOOST_TEST(it.board.snapshot(now, {}).command_queues.empty());
}

BOOST_AUTO_TEST_CASE(without_a_board_nothing_happens) {
  command_queue_report report{nullptr, "ego", "allow"};
  report.started(now);
  report.ended(event::refused, nullptr);
  report.holds(1, 2);
  report.journal_is("no space left on device");
  report.left_open_is_unknown({});
  report.left_open_is_known();
}
