#include "actors/command/executor_actor.hpp"

#include "actors/command/journal_actor.hpp"
#include "actors/observe/status_board.hpp"
#include "tests/command_actors_fixture.hpp"
#include "tests/memory_journal.hpp"

#include <cerrno>
#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

using namespace reflector;
using namespace std::chrono_literals;
using ending = process_outcome::ending;
using step = journal_memory::step;
using event = audit_entry::event;

namespace {

constexpr const char* queue = "ego";
constexpr auto all_places = max_waiting_commands + 2;

struct executing {
  virtual_time time;
  status_board board;
  journal_memory disk;
  fake_launcher launcher;
  fake_supervisor permits;
  fake_reporter reports;
  supervisor_actor supervisor = permits.spawn(time.system());
  reporter_actor reporter = reports.spawn(time.system());
  journal_actor journal;
  executor_actor executor;

  executing() { begin(); }

  ~executing() {
    end_life();
    reports.release();
    time.run();
    caf::anon_send(reporter, stop_atom::value);
    reports.self = nullptr;
    caf::anon_send(supervisor, stop_atom::value);
    time.run();
  }

  void begin() {
    journal = spawn_journal(time.system(),
                            {[this]() -> result<std::unique_ptr<command_journal>> {
                               return std::make_unique<memory_journal>(disk);
                             },
                             std::make_unique<memory_audit_log>(disk), launcher, "boot"},
                            false);
    begin_executor();
  }

  void begin_executor() {
    executor_dependencies with{
        launcher, supervisor, journal, reporter, std::make_shared<const fake_gate>(), queue, 2};
    with.board = &board;
    with.policy = "allow";
    executor = spawn_executor(time.system(), with);
    time.run();
  }

  void end_life() {
    caf::anon_send(executor, stop_atom::value);
    time.advance(2s);
    caf::anon_send(journal, stop_atom::value);
    time.run();
  }

  /// The agent is gone from one moment to the next, and another begins.
  void crash_and_begin() {
    caf::anon_send_exit(executor, caf::exit_reason::kill);
    caf::anon_send_exit(journal, caf::exit_reason::kill);
    caf::anon_send_exit(reporter, caf::exit_reason::kill);
    time.run();
    reports.held.clear();
    reports.holds_back = false;
    launcher.launches.clear();
    reporter = reports.spawn(time.system());
    begin();
  }

  void run(const std::vector<command>& commands) {
    caf::anon_send(executor, commands);
    time.run();
  }

  void finish(std::size_t index, ending how, int code = 0, std::string output = {}) {
    launcher.end(index, how, code, std::move(output));
    time.run();
  }

  std::size_t room() {
    const auto answer = ask<command_room>(time, executor, room_atom::value);
    time.run();
    BOOST_REQUIRE(answer->size() == 1U);
    return answer->at(0).free_places;
  }

  bool says(std::size_t report, std::string_view text) const {
    return reports.body(report).find(text) != std::string::npos;
  }

  step at(const std::string& id) const {
    const auto* row = disk.find(queue, id);
    BOOST_REQUIRE(row != nullptr);
    return row->at;
  }

  agent_status::command_queue shown() {
    const auto all = board.snapshot(time.now(), {});
    BOOST_REQUIRE(all.command_queues.size() == 1U);
    return all.command_queues[0];
  }

  /// As many commands wait, and run.
  bool holds(std::uint64_t waiting, std::uint64_t running) {
    const auto said = shown().said;
    BOOST_TEST_MESSAGE(said.waiting << " wait, " << said.running << " run");
    return said.waiting == waiting && said.running == running;
  }

  std::vector<event> audited(const std::string& id) const {
    std::vector<event> events;
    for (const auto& entry : disk.audit)
      if (entry.id == id) events.push_back(entry.what);
    return events;
  }
};

/// One whose disk doesn't return.
class silent_journal final : public journal_actor::base {
 public:
  explicit silent_journal(caf::actor_config& config) : journal_actor::base(config) {}

  behavior_type make_behavior() override {
    return {[this](stop_atom) {
              asked_ = {};  // a promise keeps its actor
              quit();
            },
            [](const commands_received&) { return receptions{}; },
            [](const command_step&) { return step_receipt{}; },
            [this](const open_question&) {
              return asked_ = make_response_promise<caf::typed_response_promise<open_answer>>();
            },
            [](probe_atom) { return step_receipt{}; }};
  }

 private:
  caf::typed_response_promise<open_answer> asked_;
};

command make(std::string id, std::string line = "true") {
  return {std::move(id), std::move(line), std::nullopt};
}

std::vector<command> many(std::size_t count, const std::string& prefix = "c") {
  std::vector<command> commands;
  for (std::size_t n = 0; n < count; ++n) commands.push_back(make(prefix + std::to_string(n)));
  return commands;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(executor_actor_test, executing)

BOOST_AUTO_TEST_CASE(a_command_is_decided_run_and_reported) {
  run({{"a", "echo 'a b' c", 5s}});
  BOOST_REQUIRE(launcher.launches.size() == 1U);
  const auto& request = launcher.launches[0].request;
  BOOST_TEST(request.argv == (std::vector<std::string>{"echo", "a b", "c"}),
             boost::test_tools::per_element());
  BOOST_TEST((request.timeout == 5s));
  BOOST_TEST(launcher.launches[0].started);
  BOOST_TEST(reports.reports.empty());
  finish(0, ending::exited, 3, "out\xff");
  BOOST_REQUIRE(reports.reports.size() == 1U);
  BOOST_TEST(reports.reports[0].id == "a");
  BOOST_TEST(says(0, R"("status":"failed")"));
  BOOST_TEST(says(0, R"("exitCode":3)"));
  BOOST_TEST(says(0, "\"stdout\":\"out\xEF\xBF\xBD\""));
  BOOST_TEST((permits.asked == std::vector{budget::command}));
}

BOOST_AUTO_TEST_CASE(each_step_is_journaled_before_it_is_taken) {
  launcher.ready_at_once = false;
  reports.holds_back = true;
  run({make("a")});
  BOOST_REQUIRE(launcher.launches.size() == 1U);
  BOOST_TEST((at("a") == step::received));
  launcher.make_ready(0);
  time.run();
  BOOST_TEST((at("a") == step::started));
  BOOST_TEST(launcher.launches[0].started);
  BOOST_TEST((disk.find(queue, "a")->process == fake_launcher::identity(0)));
  BOOST_TEST(disk.find(queue, "a")->boot_id == "boot");
  finish(0, ending::exited);
  BOOST_TEST((at("a") == step::finished));
  BOOST_REQUIRE(reports.reports.size() == 1U);
  BOOST_TEST(disk.find(queue, "a")->body == reports.body(0));
  reports.release();
  time.run();
  BOOST_TEST((at("a") == step::settled));
  BOOST_TEST((audited("a") == std::vector{event::started, event::ended, event::reported}));
}

BOOST_AUTO_TEST_CASE(nothing_starts_that_the_journal_does_not_know_of) {
  launcher.ready_at_once = false;
  run({make("a")});
  disk.wrong = "no space left on device";
  launcher.make_ready(0);
  time.run();
  BOOST_TEST(!launcher.launches[0].started);
  BOOST_TEST(launcher.launches[0].cancelled);
  finish(0, ending::cancelled);
  BOOST_REQUIRE(reports.reports.size() == 1U);
  BOOST_TEST(says(0, "not run: the start can't be written down: a command's start: no space left"));
  BOOST_TEST(says(0, R"("exitCode":126)"));
}

BOOST_AUTO_TEST_CASE(nothing_starts_that_can_not_be_audited) {
  disk.audit_wrong = "read-only file system";
  run({make("a")});
  BOOST_TEST(!launcher.launches[0].started);
  finish(0, ending::cancelled);
  BOOST_TEST(says(0, "the audit log: read-only file system"));
}

BOOST_AUTO_TEST_CASE(while_the_journal_fails_nothing_is_run_and_nothing_asked_for) {
  disk.wrong = "no space left on device";
  run({make("a")});
  BOOST_TEST(launcher.launches.empty());
  BOOST_REQUIRE(reports.reports.size() == 1U);
  BOOST_TEST(says(0, "not run: the journal of commands can't be written"));
  BOOST_TEST(room() == 0U);
  BOOST_TEST(room() == 0U);
  disk.wrong.clear();
  room();  // asks the journal whether it could
  BOOST_TEST(room() == all_places);
  run({make("b")});
  BOOST_TEST(launcher.launches.size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_result_that_can_not_be_journaled_is_reported_all_the_same) {
  run({make("a")});
  disk.wrong = "no space left on device";
  finish(0, ending::exited, 0, "out");
  BOOST_REQUIRE(reports.reports.size() == 1U);
  BOOST_TEST(says(0, R"("stdout":"out")"));
}

BOOST_AUTO_TEST_CASE(a_refused_command_is_answered_audited_and_not_run) {
  run({make("a", "refuse this")});
  time.advance(1s);
  BOOST_TEST(launcher.launches.empty());
  BOOST_TEST(permits.asked.empty());
  BOOST_REQUIRE(reports.reports.size() == 1U);
  BOOST_TEST(says(0, R"("status":"failed")"));
  BOOST_TEST(says(0, R"("exitCode":126)"));
  BOOST_TEST(says(0, "refused: so says the test"));
  BOOST_TEST((audited("a") == std::vector{event::refused, event::reported}));
  BOOST_TEST(disk.audit[0].line == "refuse this");
  BOOST_TEST(disk.audit[0].queue == queue);
}

BOOST_AUTO_TEST_CASE(a_malformed_entry_is_answered_and_the_others_run) {
  auto wrong = make("b", "");
  wrong.wrong = "\"command\" is missing";
  run({make("a"), wrong, make("c")});
  BOOST_TEST(launcher.launches.size() == 2U);
  BOOST_REQUIRE(reports.reports.size() == 1U);
  BOOST_TEST(reports.reports[0].id == "b");
  BOOST_TEST(says(0, R"(not run: \"command\" is missing)"));
}

BOOST_AUTO_TEST_CASE(a_signed_command_is_run_once_whatever_its_id) {
  run({make("a", "once nonce1")});
  run({make("b", "once nonce1"), make("c", "once nonce2")});
  BOOST_TEST(launcher.launches.size() == 2U);
  BOOST_REQUIRE(reports.reports.size() == 1U);
  BOOST_TEST(reports.reports[0].id == "b");
  BOOST_TEST(says(0, "refused: this signed command was used before"));
}

BOOST_AUTO_TEST_CASE(a_program_that_is_not_there_is_reported_as_a_shell_would) {
  run({make("a", "nosuch")});
  finish(0, ending::not_started, ENOENT);
  BOOST_REQUIRE(reports.reports.size() == 1U);
  BOOST_TEST(says(0, R"("exitCode":127)"));
}

BOOST_AUTO_TEST_CASE(no_more_run_at_a_time_than_configured_in_order) {
  run(many(5));
  BOOST_TEST(launcher.launches.size() == 2U);
  finish(1, ending::exited);
  BOOST_TEST(launcher.launches.size() == 3U);
  BOOST_TEST(launcher.running() == 2U);
  finish(0, ending::timed_out);
  finish(2, ending::signalled, 9);
  BOOST_TEST(launcher.launches.size() == 5U);
  finish(3, ending::exited);
  finish(4, ending::exited);
  BOOST_REQUIRE(reports.reports.size() == 5U);
  std::string order;
  for (const auto& report : reports.reports) order += report.id;
  BOOST_TEST(order == "c1c0c2c3c4");
  BOOST_TEST(says(1, R"("status":"timeout")"));
}

BOOST_AUTO_TEST_CASE(a_place_is_free_when_the_result_is_with_the_queue) {
  BOOST_TEST(room() == all_places);
  reports.holds_back = true;
  run({make("a"), make("b"), make("c", "refuse")});
  BOOST_TEST(room() == all_places - 3);
  finish(0, ending::exited);
  finish(1, ending::exited);
  BOOST_TEST(reports.reports.size() == 3U);
  BOOST_TEST(room() == all_places - 3);
  reports.release();
  time.run();
  BOOST_TEST(room() == all_places);
}

BOOST_AUTO_TEST_CASE(what_has_no_place_is_answered_not_forgotten) {
  reports.holds_back = true;
  run(many(all_places + 10));
  BOOST_TEST(room() == 0U);
  BOOST_REQUIRE(reports.reports.size() == 10U);
  BOOST_TEST(reports.reports[0].id == "c" + std::to_string(all_places));
  BOOST_TEST(says(0, "not run: too many commands are waiting on this host"));
  reports.release();
  time.run();
  for (std::size_t n = 0; n < all_places; ++n) finish(n, ending::exited);
  BOOST_TEST(reports.reports.size() == all_places + 10);
  BOOST_TEST(room() == all_places);
}

BOOST_AUTO_TEST_CASE(a_command_delivered_again_is_not_run_again) {
  run({make("a"), make("a")});
  run({make("a")});
  BOOST_TEST(launcher.launches.size() == 1U);
  finish(0, ending::exited);
  run({make("a")});
  BOOST_TEST(launcher.launches.size() == 1U);
  BOOST_TEST(reports.reports.size() == 1U);
  crash_and_begin();
  run({make("a")});
  BOOST_TEST(launcher.launches.empty());
  BOOST_TEST(room() == all_places);
}

BOOST_AUTO_TEST_CASE(each_start_waits_for_its_permit) {
  permits.wait = 500ms;
  run(many(2));
  time.advance(490ms);
  BOOST_TEST(launcher.launches.empty());
  time.advance(20ms);
  BOOST_TEST(launcher.launches.size() == 1U);
  BOOST_TEST(permits.asked.size() == 2U);
  time.advance(500ms);
  BOOST_TEST(launcher.launches.size() == 2U);
  time.advance(5s);
  BOOST_TEST(permits.asked.size() == 2U);
}

BOOST_AUTO_TEST_CASE(an_unanswered_permit_is_asked_for_again) {
  permits.answers = false;
  run(many(1));
  time.advance(3500ms);
  BOOST_TEST(launcher.launches.empty());
  BOOST_TEST(permits.asked.size() == 4U);
  permits.answers = true;
  time.advance(1s);
  BOOST_TEST(launcher.launches.size() == 1U);
}

BOOST_AUTO_TEST_CASE(after_a_crash_what_had_only_been_received_runs) {
  permits.answers = false;
  run({make("a", "echo a"), make("b", "refuse by now")});
  permits.answers = true;
  crash_and_begin();
  BOOST_REQUIRE(launcher.launches.size() == 1U);
  BOOST_TEST(launcher.launches[0].request.argv.back() == "a");
  BOOST_TEST(launcher.launches[0].started);
  finish(0, ending::exited);
  BOOST_TEST((at("a") == step::settled));
  BOOST_TEST((at("b") == step::settled));
}

BOOST_AUTO_TEST_CASE(after_a_crash_what_had_started_is_answered_and_not_run_again) {
  run({make("a")});
  const auto process = fake_launcher::identity(0);
  crash_and_begin();
  BOOST_TEST(launcher.launches.empty());
  BOOST_TEST((launcher.leftovers == std::vector{process}));
  BOOST_REQUIRE(reports.reports.size() == 1U);
  BOOST_TEST(reports.reports[0].id == "a");
  BOOST_TEST(says(0, R"("status":"failed")"));
  BOOST_TEST(says(0, R"("stderr":"interrupted: the agent ended while it ran)"));
  BOOST_TEST((at("a") == step::settled));
  BOOST_TEST((audited("a") == std::vector{event::started, event::interrupted, event::reported}));
}

BOOST_AUTO_TEST_CASE(after_another_boot_nothing_is_ended_that_merely_has_its_number) {
  run({make("a")});
  disk.rows.begin()->second.boot_id = "the boot before";
  crash_and_begin();
  BOOST_TEST(launcher.leftovers.empty());
  BOOST_TEST(reports.reports.size() == 1U);
}

BOOST_AUTO_TEST_CASE(after_a_crash_what_had_ended_is_reported_with_the_same_bytes) {
  reports.holds_back = true;
  run({make("a")});
  finish(0, ending::exited, 0, "the one output");
  BOOST_REQUIRE(reports.reports.size() == 1U);
  const auto before = reports.body(0);
  crash_and_begin();
  BOOST_REQUIRE(reports.reports.size() == 2U);
  BOOST_TEST(reports.body(1) == before);
  BOOST_TEST((at("a") == step::settled));
  crash_and_begin();
  BOOST_TEST(reports.reports.size() == 2U);
}

BOOST_AUTO_TEST_CASE(there_is_no_room_before_it_is_known_what_was_left_open) {
  disk.wrong = "not yet";
  crash_and_begin();
  BOOST_TEST(room() == 0U);
  disk.wrong.clear();
  time.advance(1100ms);
  BOOST_TEST(room() == all_places);
}

BOOST_AUTO_TEST_CASE(a_result_that_the_queue_will_never_take_is_settled) {
  reports.takes = false;
  run({make("a", "refuse")});
  BOOST_TEST((at("a") == step::settled));
  BOOST_TEST((audited("a") == std::vector{event::refused, event::given_up}));
}

BOOST_AUTO_TEST_CASE(a_stop_with_nothing_in_hand_is_immediate) {
  caf::anon_send(executor, stop_atom::value);
  time.run();
  BOOST_TEST(!is_alive(time, executor));
}

BOOST_AUTO_TEST_CASE(a_stop_cancels_and_reports_what_was_cut_off) {
  run(many(4));
  caf::anon_send(executor, stop_atom::value);
  time.run();
  BOOST_TEST(launcher.launches[0].cancelled);
  BOOST_TEST(launcher.launches[1].cancelled);
  BOOST_REQUIRE(reports.reports.size() == 2U);  // those that waited
  BOOST_TEST(reports.reports[0].id == "c2");
  BOOST_TEST(says(0, "interrupted: the agent stopped before it ran"));
  run({make("late")});
  BOOST_REQUIRE(reports.reports.size() == 3U);
  BOOST_TEST(reports.reports[2].id == "late");
  time.advance(500ms);
  BOOST_TEST(is_alive(time, executor));
  finish(0, ending::cancelled, 0, "partial");
  finish(1, ending::exited, 0, "just in time");
  BOOST_TEST(launcher.launches.size() == 2U);
  BOOST_REQUIRE(reports.reports.size() == 5U);
  BOOST_TEST(says(3, "partial"));
  BOOST_TEST(says(3, "interrupted: the agent stopped"));
  BOOST_TEST(says(4, R"("status":"succeeded")"));
  BOOST_TEST(!is_alive(time, executor));
}

BOOST_AUTO_TEST_CASE(a_stop_ends_in_time_and_the_next_life_reports) {
  run(many(1));
  caf::anon_send(executor, stop_atom::value);
  time.advance(1200ms);
  BOOST_TEST(is_alive(time, executor));
  time.advance(200ms);
  BOOST_TEST(!is_alive(time, executor));
  BOOST_TEST(reports.reports.empty());
  finish(0, ending::cancelled);
  crash_and_begin();
  BOOST_REQUIRE(reports.reports.size() == 1U);
  BOOST_TEST(says(0, "interrupted: "));
}

BOOST_AUTO_TEST_CASE(a_lost_reporter_does_not_keep_places) {
  run(many(1));
  caf::anon_send(reporter, stop_atom::value);
  time.run();
  finish(0, ending::exited);
  BOOST_TEST(room() == all_places);
  BOOST_TEST((at("c0") == step::finished));  // for the next one
}

BOOST_AUTO_TEST_CASE(the_board_shows_what_becomes_of_commands) {
  BOOST_TEST(shown().said.name == queue);
  BOOST_TEST(shown().said.policy == "allow");
  launcher.ready_at_once = false;
  run({make("a"), make("b"), make("c"), make("d", "refuse")});
  BOOST_TEST(holds(3, 0));
  BOOST_TEST(shown().totals.refused == 1U);
  time.advance(1s);
  launcher.make_ready(0);
  time.run();
  BOOST_TEST(holds(2, 1));
  BOOST_TEST(shown().totals.ran == 1U);
  BOOST_TEST((shown().totals.last_started == time.now()));
  launcher.ready_at_once = true;
  finish(0, ending::exited);  // c has its place
  BOOST_TEST(holds(1, 1));
  BOOST_TEST(shown().totals.ran == 2U);
  run({make("a")});
  BOOST_TEST(holds(1, 1));
  // Another executor, and what was counted stays. b is decided anew, c was running.
  crash_and_begin();
  BOOST_TEST(holds(0, 1));
  BOOST_TEST(shown().totals.ran == 3U);
  BOOST_TEST(shown().totals.interrupted == 1U);
  end_life();
  BOOST_TEST(holds(0, 0));
  BOOST_TEST(shown().totals.refused == 1U);
}

BOOST_AUTO_TEST_CASE(an_executor_that_is_gone_holds_nothing) {
  run(many(4));
  BOOST_TEST(holds(2, 2));
  caf::anon_send_exit(executor, caf::exit_reason::kill);
  time.run();
  BOOST_TEST(holds(0, 0));
}

BOOST_AUTO_TEST_CASE(a_stop_counts_what_it_cuts_off) {
  run(many(3));
  caf::anon_send(executor, stop_atom::value);
  time.run();
  finish(0, ending::cancelled);
  finish(1, ending::exited);
  BOOST_TEST(shown().totals.ran == 2U);
  BOOST_TEST(shown().totals.interrupted == 1U);
  BOOST_TEST(shown().totals.refused == 1U);  // the one that waited, as in the audit log
}

BOOST_AUTO_TEST_CASE(the_board_shows_a_journal_that_fails_and_that_works_again) {
  const std::string unwritten = "they can't be written down: ";
  disk.wrong = "no space left on device";
  run({make("a")});
  BOOST_TEST(shown().said.problem == unwritten + "a command's end: no space left on device");
  disk.wrong.clear();
  room();  // asks the journal whether it could
  BOOST_TEST(shown().said.problem.empty());
  run({make("b")});
  disk.wrong = "read-only file system";
  finish(0, ending::exited);
  BOOST_TEST(shown().said.problem == unwritten + "a command's end: read-only file system");
  disk.wrong.clear();
  disk.audit_wrong = "too large";
  run({make("c")});
  BOOST_TEST(shown().said.problem == unwritten + "the audit log: too large");
}

BOOST_AUTO_TEST_CASE(the_board_shows_that_what_was_left_open_can_not_be_read) {
  disk.wrong = "not yet";
  crash_and_begin();
  const std::string unread =
      "what an earlier agent left open can't be read: what was left open: not yet";
  BOOST_TEST(shown().said.problem == unread);
  time.advance(6s);
  BOOST_TEST(shown().said.problem == unread);
  disk.wrong.clear();
  time.advance(1100ms);
  BOOST_TEST(shown().said.problem.empty());
}

BOOST_AUTO_TEST_CASE(a_journal_that_does_not_answer_is_a_problem_after_a_while) {
  end_life();
  journal = time.system().spawn<silent_journal>();
  begin_executor();
  time.advance(4900ms);
  BOOST_TEST(shown().said.problem.empty());
  time.advance(200ms);
  BOOST_TEST(shown().said.problem == "what an earlier agent left open is not known yet");
}

BOOST_AUTO_TEST_SUITE_END()
