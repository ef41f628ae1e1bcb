#include "actors/observe/watchdog.hpp"

#include "tests/agent_process.hpp"
#include "tests/agent_toml.hpp"
#include "tests/notify_receiver.hpp"
#include "tests/temporary_folder.hpp"

#include <boost/test/unit_test.hpp>

using namespace reflector;
using namespace std::chrono_literals;

namespace {

/// Stands in for the agent: this test makes the progress, or doesn't.
struct watched {
  temporary_folder folder;
  notify_receiver manager{folder.file("notify")};
  service_notify to_manager{folder.file("notify")};
  progress_marks marks;

  static monotonic_time in(std::chrono::nanoseconds span) {
    return std::chrono::steady_clock::now() + span;
  }
  void goes_on() {
    marks.supervisor_alive(in(1h));
    marks.tick_issued(in(1h));
    marks.spool_ended();
  }
};

}  // namespace

BOOST_AUTO_TEST_CASE(it_feeds_while_there_is_progress_and_not_before_the_start) {
  watched agent;
  const watchdog dog{agent.marks, agent.to_manager, 100ms};
  BOOST_TEST(!agent.manager.wait_for("", 300ms));
  agent.goes_on();
  BOOST_REQUIRE(agent.manager.wait_for("READY=1"));
  for (int i = 0; i < 5; ++i) BOOST_TEST(agent.manager.wait_for("WATCHDOG=1"));
  BOOST_TEST(agent.manager.count_of("READY=1") == 1U);
}

BOOST_AUTO_TEST_CASE(a_dead_scheduler_gets_no_food_and_one_that_comes_back_does) {
  watched agent;
  agent.goes_on();
  const watchdog dog{agent.marks, agent.to_manager, 100ms, {200ms, 1h}};
  BOOST_REQUIRE(agent.manager.wait_for("WATCHDOG=1"));
  agent.marks.supervisor_alive(watched::in(-1s));  // it should have come by a second ago
  agent.manager.wait_for("never", 200ms);          // what was said before that is taken
  const auto before = agent.manager.count_of("WATCHDOG=1");
  agent.manager.wait_for("never", 1s);
  BOOST_TEST(agent.manager.count_of("WATCHDOG=1") == before);
  agent.goes_on();
  BOOST_TEST(agent.manager.wait_for("WATCHDOG=1"));
}

BOOST_AUTO_TEST_CASE(a_frozen_disk_alone_is_fed_until_its_patience_ends) {
  watched agent;
  agent.goes_on();
  agent.marks.spool_began(watched::in(-60s));
  {
    const watchdog dog{agent.marks, agent.to_manager, 100ms, {200ms, 1h}};
    for (int i = 0; i < 3; ++i) BOOST_TEST(agent.manager.wait_for("WATCHDOG=1"));
  }
  const watchdog dog{agent.marks, agent.to_manager, 100ms, {200ms, 59s}};
  BOOST_REQUIRE(agent.manager.wait_for("READY=1"));
  BOOST_TEST(!agent.manager.wait_for("WATCHDOG=1", 1s));
}

BOOST_AUTO_TEST_CASE(without_a_watchdog_it_says_that_it_is_ready_and_no_more) {
  watched agent;
  agent.goes_on();
  const watchdog dog{agent.marks, agent.to_manager, std::nullopt};
  BOOST_REQUIRE(agent.manager.wait_for("READY=1"));
  BOOST_TEST(!agent.manager.wait_for("", 300ms));
}

BOOST_AUTO_TEST_CASE(the_real_agent_says_when_it_is_up_that_it_lives_and_that_it_stops) {
  temporary_folder folder;
  notify_receiver manager{folder.file("notify")};
  const auto config = folder.write("reflector.toml", agent_toml() + file_toml());
  agent_process agent{{"run", "-c", config},
                      {{"NOTIFY_SOCKET", folder.file("notify")}, {"WATCHDOG_USEC", "400000"}},
                      folder.path()};
  BOOST_REQUIRE_MESSAGE(manager.wait_for("READY=1"), agent.standard_error());
  BOOST_TEST(manager.count_of("WATCHDOG=1") == 0U);
  for (int i = 0; i < 5; ++i) BOOST_TEST(manager.wait_for("WATCHDOG=1"));
  BOOST_TEST(manager.count_of("STATUS=") == 1U);
  agent.signal(SIGTERM);
  BOOST_TEST(manager.wait_for("STOPPING=1"));
  BOOST_TEST(agent.wait_for_exit().value_or(-999) == 0);
  // Control: a process that stands still says nothing. All of it does here; the tests above tell
  // what the watchdog makes of its parts.
  agent_process other{{"run", "-c", config},
                      {{"NOTIFY_SOCKET", folder.file("notify")}, {"WATCHDOG_USEC", "400000"}},
                      folder.path()};
  BOOST_REQUIRE(manager.wait_for("WATCHDOG=1"));
  other.signal(SIGSTOP);
  manager.wait_for("never", 300ms);
  BOOST_TEST(!manager.wait_for("WATCHDOG=1", 1s));
  other.signal(SIGCONT);
  BOOST_TEST(manager.wait_for("WATCHDOG=1"));
}

BOOST_AUTO_TEST_CASE(a_spool_that_can_not_be_opened_keeps_no_agent_from_being_ready) {
  temporary_folder folder;
  notify_receiver manager{folder.file("notify")};
  folder.write("state/spool", "not a folder");
  const auto config = folder.write("reflector.toml", agent_toml() + file_toml());
  agent_process agent{
      {"run", "-c", config}, {{"NOTIFY_SOCKET", folder.file("notify")}}, folder.path()};
  BOOST_TEST(manager.wait_for("READY=1"), agent.standard_error());
  BOOST_TEST(agent.wait_for_log("the spool can't be opened"));
}

BOOST_AUTO_TEST_CASE(without_a_service_manager_there_is_no_thread_for_it) {
  const auto threads = [](const agent_process& agent) {
    const std::filesystem::directory_iterator all{"/proc/" + std::to_string(agent.pid()) + "/task"};
    return std::distance(begin(all), end(all));
  };
  temporary_folder folder;
  notify_receiver manager{folder.file("notify")};
  std::vector<std::ptrdiff_t> counts;
  for (const auto& variables : {agent_process::environment{},
                                agent_process::environment{{"NOTIFY_SOCKET", folder.file("notify")},
                                                           {"WATCHDOG_USEC", "10000000"}}}) {
    const auto config = folder.write("reflector.toml", agent_toml() + file_toml());
    agent_process agent{{"run", "-c", config}, variables, folder.path()};
    BOOST_REQUIRE(eventually([&] { return !folder.read("state/local.jsonl").empty(); }));
    std::this_thread::sleep_for(500ms);  // until threads that end after the start have ended
    counts.push_back(threads(agent));
    agent.stop();
    std::filesystem::remove(folder.file("state/local.jsonl"));
  }
  BOOST_TEST(counts[1] == counts[0] + 1);
}
