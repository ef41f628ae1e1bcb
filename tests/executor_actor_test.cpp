#include "actors/command/executor_actor.hpp"

#include "tests/command_actors_fixture.hpp"

#include <cerrno>
#include <chrono>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

using namespace reflector;
using namespace std::chrono_literals;
using ending = process_outcome::ending;

namespace {

struct executing {
  virtual_time time;
  fake_launcher launcher;
  fake_supervisor permits;
  fake_reporter reports;
  supervisor_actor supervisor = permits.spawn(time.system());
  reporter_actor reporter = reports.spawn(time.system());
  executor_actor executor;

  explicit executing(command_policy policy = command_policy::any) {
    executor_dependencies with{launcher, supervisor, reporter};
    with.policy = policy;
    with.timeout = 30s;
    with.max_output_bytes = 100;
    with.concurrent = 2;
    executor = spawn_executor(time.system(), with);
    time.run();
  }

  ~executing() {
    caf::anon_send(executor, stop_atom::value);
    time.advance(2s);
    reports.release();
    time.run();
    caf::anon_send(reporter, stop_atom::value);
    reports.self = nullptr;
    caf::anon_send(supervisor, stop_atom::value);
    time.run();
  }

  void run(const std::vector<command>& commands) {
    caf::anon_send(executor, commands);
    time.run();
  }

  void end(std::size_t index, ending how, int code = 0, std::string output = {}) {
    launcher.end(index, how, code, std::move(output));
    time.run();
  }

  std::size_t room() {
    const auto answer = ask<command_room>(time, executor, room_atom::value);
    time.run();
    BOOST_REQUIRE(answer->size() == 1U);
    return answer->at(0).free_places;
  }
};

struct denying : executing {
  denying() : executing{command_policy::deny} {}
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

BOOST_FIXTURE_TEST_CASE(a_command_is_split_run_and_reported, executing) {
  run({{"a", "echo 'a b' c", 5s}});
  BOOST_REQUIRE(launcher.launches.size() == 1U);
  const auto& request = launcher.launches[0].request;
  BOOST_TEST(request.argv == (std::vector<std::string>{"echo", "a b", "c"}),
             boost::test_tools::per_element());
  BOOST_TEST((request.timeout == 5s));
  BOOST_TEST(request.max_output_bytes == 100U);
  BOOST_TEST(reports.results.empty());
  end(0, ending::exited, 3, "out\xff");
  BOOST_REQUIRE(reports.results.size() == 1U);
  BOOST_TEST(reports.results[0].id == "a");
  BOOST_TEST((reports.results[0].status == command_status::failed));
  BOOST_TEST((reports.results[0].exit_code == 3));
  BOOST_TEST(reports.results[0].standard_output == "out\xEF\xBF\xBD");
  BOOST_TEST((permits.asked == std::vector{budget::command}));
}

BOOST_FIXTURE_TEST_CASE(a_command_without_a_time_out_gets_the_queues, executing) {
  run({make("a")});
  BOOST_REQUIRE(launcher.launches.size() == 1U);
  BOOST_TEST((launcher.launches[0].request.timeout == 30s));
}

BOOST_FIXTURE_TEST_CASE(a_denied_command_is_answered_and_not_run, denying) {
  run({make("a")});
  time.advance(1s);
  BOOST_TEST(launcher.launches.empty());
  BOOST_TEST(permits.asked.empty());
  BOOST_REQUIRE(reports.results.size() == 1U);
  BOOST_TEST((reports.results[0].status == command_status::failed));
  BOOST_TEST((reports.results[0].exit_code == 126));
  BOOST_TEST(reports.results[0].standard_error == "refused: [[commands]] policy is \"deny\"");
}

BOOST_FIXTURE_TEST_CASE(a_line_that_cannot_be_run_is_answered, executing) {
  run({make("a", "echo 'x"), make("b", "  "), make("c", std::string{"a\0b", 3}), make("d", "")});
  BOOST_TEST(launcher.launches.empty());
  BOOST_REQUIRE(reports.results.size() == 4U);
  for (const auto& result : reports.results) {
    BOOST_TEST((result.status == command_status::failed));
    BOOST_TEST((result.exit_code == 126));
    BOOST_TEST(result.standard_error.starts_with("not run: "));
  }
  BOOST_TEST(reports.results[0].standard_error == "not run: the quote ' at byte 6 is never closed");
}

BOOST_FIXTURE_TEST_CASE(a_program_that_is_not_there_is_reported_as_a_shell_would, executing) {
  run({make("a", "nosuch")});
  end(0, ending::not_started, ENOENT);
  BOOST_REQUIRE(reports.results.size() == 1U);
  BOOST_TEST((reports.results[0].exit_code == 127));
}

BOOST_FIXTURE_TEST_CASE(no_more_run_at_a_time_than_configured_in_order, executing) {
  run(many(5));
  BOOST_TEST(launcher.launches.size() == 2U);
  end(1, ending::exited);
  BOOST_TEST(launcher.launches.size() == 3U);
  BOOST_TEST(launcher.running() == 2U);
  end(0, ending::timed_out);
  end(2, ending::signalled, 9);
  BOOST_TEST(launcher.launches.size() == 5U);
  end(3, ending::exited);
  end(4, ending::exited);
  BOOST_REQUIRE(reports.results.size() == 5U);
  std::string order;
  for (const auto& result : reports.results) order += result.id;
  BOOST_TEST(order == "c1c0c2c3c4");
  BOOST_TEST((reports.results[1].status == command_status::timeout));
}

BOOST_FIXTURE_TEST_CASE(a_place_is_free_when_the_result_is_with_the_queue, executing) {
  const auto all = max_waiting_commands + 2;
  BOOST_TEST(room() == all);
  reports.holds_back = true;
  run({make("a"), make("b"), make("c", "'")});
  BOOST_TEST(room() == all - 3);
  end(0, ending::exited);
  end(1, ending::exited);
  BOOST_TEST(reports.results.size() == 3U);
  BOOST_TEST(room() == all - 3);
  reports.release();
  time.run();
  BOOST_TEST(room() == all);
}

BOOST_FIXTURE_TEST_CASE(what_has_no_place_is_answered_not_forgotten, executing) {
  reports.holds_back = true;
  const auto all = max_waiting_commands + 2;
  run(many(all + 10));
  BOOST_TEST(room() == 0U);
  BOOST_REQUIRE(reports.results.size() == 10U);
  BOOST_TEST(reports.results[0].id == "c" + std::to_string(all));
  BOOST_TEST(reports.results[0].standard_error ==
             "not run: too many commands are waiting on this host");
  reports.release();
  time.run();
  for (std::size_t n = 0; n < all; ++n) end(n, ending::exited);
  BOOST_TEST(reports.results.size() == all + 10);
  BOOST_TEST(room() == all);
}

BOOST_FIXTURE_TEST_CASE(a_command_delivered_again_is_not_run_again, executing) {
  run({make("a"), make("a")});
  run({make("a")});
  BOOST_TEST(launcher.launches.size() == 1U);
  end(0, ending::exited);
  run({make("a")});
  BOOST_TEST(launcher.launches.size() == 1U);
  BOOST_TEST(reports.results.size() == 1U);
}

BOOST_FIXTURE_TEST_CASE(what_is_remembered_is_bounded, executing) {
  run({make("long")});
  run({make("first")});
  end(1, ending::exited);
  for (std::size_t n = 0; n < remembered_commands; ++n) {
    run({make("n" + std::to_string(n))});
    end(n + 2, ending::exited);
  }
  const auto launched = launcher.launches.size();
  run({make("n0"), make("long")});
  BOOST_TEST(launcher.launches.size() == launched);
  run({make("first")});  // forgotten: a thousand ended after it
  BOOST_TEST(launcher.launches.size() == launched + 1);
}

BOOST_FIXTURE_TEST_CASE(each_start_waits_for_its_permit, executing) {
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

BOOST_FIXTURE_TEST_CASE(an_unanswered_permit_is_asked_for_again, executing) {
  permits.answers = false;
  run(many(1));
  time.advance(3500ms);
  BOOST_TEST(launcher.launches.empty());
  BOOST_TEST(permits.asked.size() == 4U);
  permits.answers = true;
  time.advance(1s);
  BOOST_TEST(launcher.launches.size() == 1U);
}

BOOST_FIXTURE_TEST_CASE(a_stop_with_nothing_in_hand_is_immediate, executing) {
  caf::anon_send(executor, stop_atom::value);
  time.run();
  BOOST_TEST(!is_alive(time, executor));
}

BOOST_FIXTURE_TEST_CASE(a_stop_cancels_and_reports_what_was_cut_off, executing) {
  run(many(4));
  caf::anon_send(executor, stop_atom::value);
  time.run();
  BOOST_TEST(launcher.launches[0].cancelled);
  BOOST_TEST(launcher.launches[1].cancelled);
  BOOST_REQUIRE(reports.results.size() == 2U);  // those that waited
  BOOST_TEST(reports.results[0].id == "c2");
  BOOST_TEST(reports.results[0].standard_error == "interrupted: the agent stopped");
  run({make("late")});
  BOOST_REQUIRE(reports.results.size() == 3U);
  BOOST_TEST(reports.results[2].id == "late");
  BOOST_TEST((reports.results[2].status == command_status::failed));
  time.advance(500ms);
  BOOST_TEST(is_alive(time, executor));
  end(0, ending::cancelled, 0, "partial");
  end(1, ending::exited, 0, "just in time");
  BOOST_TEST(launcher.launches.size() == 2U);
  BOOST_REQUIRE(reports.results.size() == 5U);
  BOOST_TEST(reports.results[3].standard_output == "partial");
  BOOST_TEST(reports.results[3].standard_error == "interrupted: the agent stopped");
  BOOST_TEST((reports.results[4].status == command_status::succeeded));
  BOOST_TEST(!is_alive(time, executor));
}

BOOST_FIXTURE_TEST_CASE(a_stop_ends_in_time_and_still_reports, executing) {
  run(many(1));
  caf::anon_send(executor, stop_atom::value);
  time.advance(1200ms);
  BOOST_TEST(is_alive(time, executor));
  time.advance(200ms);
  BOOST_TEST(!is_alive(time, executor));
  BOOST_REQUIRE(reports.results.size() == 1U);
  BOOST_TEST(reports.results[0].standard_error == "interrupted: the agent stopped");
  end(0, ending::cancelled);
  BOOST_TEST(reports.results.size() == 1U);
}

BOOST_FIXTURE_TEST_CASE(a_lost_reporter_does_not_keep_places, executing) {
  run(many(1));
  caf::anon_send(reporter, stop_atom::value);
  time.run();
  end(0, ending::exited);
  BOOST_TEST(room() == max_waiting_commands + 2);
}
