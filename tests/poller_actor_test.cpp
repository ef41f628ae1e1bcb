#include "actors/command/poller_actor.hpp"

#include "actors/observe/status_board.hpp"
#include "tests/command_actors_fixture.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <boost/test/unit_test.hpp>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

using namespace reflector;
using namespace std::chrono_literals;

namespace {

struct fake_executor {
  std::size_t free_places = 10;
  std::vector<command> commands;

  executor_actor spawn(caf::actor_system& system) {
    return system.spawn([this](executor_actor::pointer self) -> executor_actor::behavior_type {
      return {[self](stop_atom) { self->quit(); },
              [this](room_atom) { return command_room{free_places}; },
              [this](const std::vector<command>& more) {
                commands.insert(commands.end(), more.begin(), more.end());
              }};
    });
  }
};

/// What the default logger says while this lives.
struct captured_log {
  std::ostringstream text;
  std::shared_ptr<spdlog::logger> before = spdlog::default_logger();

  captured_log() {
    auto sink = std::make_shared<spdlog::sinks::ostream_sink_mt>(text);
    spdlog::set_default_logger(std::make_shared<spdlog::logger>("test", sink));
  }
  ~captured_log() { spdlog::set_default_logger(before); }

  std::size_t lines() const {
    const auto all = text.str();
    return static_cast<std::size_t>(std::count(all.begin(), all.end(), '\n'));
  }
};

struct polling {
  captured_log log;
  virtual_time time;
  scripted_http_client http;
  fake_supervisor permits;
  fake_executor executions;
  status_board board;
  double random = 0.5;
  supervisor_actor supervisor = permits.spawn(time.system());
  executor_actor executor = executions.spawn(time.system());
  poller_actor poller;

  polling() {
    auto queue = std::make_shared<command_queue>();
    queue->url = "http://ego/api/commands";
    queue->hostname = "rack/01";
    poller = spawn_poller(time.system(),
                          {http, supervisor, executor, queue, 15s, [this] { return random; },
                           [] { return wall_time{}; }, &board, "rack"});
    command_queue_status said;
    said.name = "rack";
    board.publish(said);
    time.run();
  }

  ~polling() {
    caf::anon_send(poller, stop_atom::value);
    time.advance(2s);
    caf::anon_send(executor, stop_atom::value);
    caf::anon_send(supervisor, stop_atom::value);
    // A wake-up of a poller that has ended is still with the clock.
    time.advance(40s, 1s);
  }

  std::string unreachable() const {
    return board.snapshot({}, {}).command_queues.at(0).unreachable;
  }

  void answer(std::size_t index, int status, std::string body = "[]") {
    http.answer(index, status, std::move(body));
    time.run();
  }
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(the_first_poll_comes_soon_and_asks_for_this_host, polling) {
  BOOST_TEST(http.requests.empty());
  time.advance(300ms);
  BOOST_REQUIRE(http.requests.size() == 1U);
  BOOST_TEST(http.requests[0].url == "http://ego/api/commands/pending/rack%2F01");
  BOOST_TEST((permits.asked == std::vector{budget::request}));
}

BOOST_FIXTURE_TEST_CASE(polls_follow_at_the_configured_period, polling) {
  time.advance(250ms);
  for (std::size_t n = 0; n < 5; ++n) {
    BOOST_REQUIRE(http.requests.size() == n + 1);
    time.advance(2s);
    answer(n, 200);
    time.advance(12'900ms);
    BOOST_TEST(http.requests.size() == n + 1);
    time.advance(100ms);
  }
}

BOOST_FIXTURE_TEST_CASE(polls_never_overlap, polling) {
  time.advance(5min, 100ms);
  BOOST_TEST(http.requests.size() == 1U);
  answer(0, 200);
  time.advance(10ms);  // later than its time already
  BOOST_TEST(http.requests.size() == 2U);
  time.advance(5min, 100ms);
  BOOST_TEST(http.requests.size() == 2U);
}

BOOST_FIXTURE_TEST_CASE(commands_go_to_the_executor_in_order, polling) {
  time.advance(300ms);
  answer(0, 200, R"({"items":[{"id":"a","command":"x","timeout":3},{"id":"b","command":"y"}]})");
  BOOST_REQUIRE(executions.commands.size() == 2U);
  BOOST_TEST(executions.commands[0].id == "a");
  BOOST_TEST((executions.commands[0].timeout == 3s));
  BOOST_TEST(executions.commands[1].line == "y");
}

BOOST_FIXTURE_TEST_CASE(malformed_entries_go_to_the_executor_too_with_what_is_wrong, polling) {
  time.advance(300ms);
  answer(0, 200, R"([{"id":"a","command":7},{"id":"b","command":"y"},{"command":"z"}])");
  BOOST_REQUIRE(executions.commands.size() == 2U);
  BOOST_TEST(executions.commands[0].id == "b");
  BOOST_TEST(executions.commands[0].wrong.empty());
  BOOST_TEST(executions.commands[1].id == "a");
  BOOST_TEST(executions.commands[1].wrong == "\"command\" is not a string");
}

BOOST_FIXTURE_TEST_CASE(without_room_nothing_is_asked_for, polling) {
  executions.free_places = 4;
  time.advance(60s, 100ms);
  BOOST_TEST(http.requests.empty());
  BOOST_TEST(permits.asked.empty());
  executions.free_places = 5;
  time.advance(1100ms);
  BOOST_TEST(http.requests.size() == 1U);
}

BOOST_FIXTURE_TEST_CASE(failures_are_retried_with_growing_jitter_and_logged_once, polling) {
  time.advance(300ms);
  const std::vector<std::pair<int, std::string>> failures{
      {0, ""},           {500, "{}"}, {404, "no"}, {200, "<html>"},
      {200, "[{\"id\""}, {302, ""},   {429, ""},   {200, R"({"a":1})"}};
  std::vector<std::chrono::milliseconds> waits{500ms, 1s, 2s, 4s, 8s, 15s, 15s, 15s};
  for (std::size_t n = 0; n < failures.size(); ++n) {
    BOOST_REQUIRE(http.requests.size() == n + 1);
    answer(n, failures[n].first, failures[n].second);
    time.advance(waits[n] - 20ms);
    BOOST_TEST(http.requests.size() == n + 1);
    time.advance(40ms);
  }
  BOOST_TEST(log.lines() == 1U);
  BOOST_TEST(log.text.str().find("http://ego/api/commands is unreachable: connection refused") !=
             std::string::npos);
  BOOST_TEST(unreachable().find("an array of commands") != std::string::npos, unreachable());
  answer(failures.size(), 200);
  BOOST_TEST(log.lines() == 2U);
  time.advance(15s);
  answer(failures.size() + 1, 200);
  BOOST_TEST(unreachable().empty());
  BOOST_TEST(log.lines() == 2U);
  time.advance(15s);
  answer(failures.size() + 2, 503);
  BOOST_TEST(unreachable() == "status 503, `[]`");
  BOOST_TEST(log.lines() == 3U);
  time.advance(490ms);
  BOOST_TEST(http.requests.size() == failures.size() + 3);
  time.advance(20ms);  // the waits began anew
  BOOST_TEST(http.requests.size() == failures.size() + 4);
}

BOOST_FIXTURE_TEST_CASE(a_poll_waits_for_its_permit, polling) {
  permits.wait = 2s;
  time.advance(2s);
  BOOST_TEST(http.requests.empty());
  time.advance(300ms);
  BOOST_TEST(http.requests.size() == 1U);
}

BOOST_FIXTURE_TEST_CASE(a_stop_between_polls_is_immediate, polling) {
  caf::anon_send(poller, stop_atom::value);
  time.run();
  BOOST_TEST(!is_alive(time, poller));
  time.advance(60s, 1s);
  BOOST_TEST(http.requests.empty());
}

BOOST_FIXTURE_TEST_CASE(a_stop_waits_for_the_commands_that_are_on_their_way, polling) {
  time.advance(300ms);
  caf::anon_send(poller, stop_atom::value);
  time.advance(500ms);
  BOOST_TEST(is_alive(time, poller));
  answer(0, 200, R"([{"id":"a","command":"x"},{"id":"b"}])");
  BOOST_TEST(executions.commands.size() == 2U);
  BOOST_TEST(!is_alive(time, poller));
}

BOOST_FIXTURE_TEST_CASE(a_stop_ends_in_time_without_an_answer, polling) {
  time.advance(300ms);
  caf::anon_send(poller, stop_atom::value);
  time.advance(500ms);
  BOOST_TEST(is_alive(time, poller));
  time.advance(200ms);
  BOOST_TEST(!is_alive(time, poller));
}

BOOST_FIXTURE_TEST_CASE(retry_after_is_heeded_and_every_permit_given_back, polling) {
  time.advance(300ms);
  http.answer(status(503, "", "40"));
  time.run();
  time.advance(39'900ms, 100ms);
  BOOST_TEST(http.requests.size() == 1U);
  time.advance(200ms);
  BOOST_REQUIRE(http.requests.size() == 2U);
  answer(1, 200);
  BOOST_TEST(permits.given_back == 2U);
}
