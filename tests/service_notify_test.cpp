#include "actors/os/service_notify.hpp"

#include "tests/notify_receiver.hpp"
#include "tests/temporary_folder.hpp"

#include <cstdlib>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

using namespace reflector;
using namespace std::chrono_literals;

namespace {

/// As a manager would set them; what is taken is gone.
service_environment with(const char* socket, const char* period, const char* pid) {
  for (const auto& [name, value] :
       {std::pair{"NOTIFY_SOCKET", socket}, std::pair{"WATCHDOG_USEC", period},
        std::pair{"WATCHDOG_PID", pid}})
    if (value != nullptr)
      ::setenv(name, value, 1);
    else
      ::unsetenv(name);
  return take_service_environment();
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_environment_is_taken_and_not_left_to_children) {
  const auto found = with("/run/x", "30000000", nullptr);
  BOOST_TEST(found.notify_socket == "/run/x");
  BOOST_TEST((found.watchdog == 30s));
  for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"})
    BOOST_TEST(std::getenv(name) == nullptr);
  const auto nothing = take_service_environment();
  BOOST_TEST(nothing.notify_socket.empty());
  BOOST_TEST(!nothing.watchdog);
}

BOOST_AUTO_TEST_CASE(a_watchdog_counts_for_the_process_it_names) {
  const std::string own = std::to_string(::getpid()), other = std::to_string(::getppid());
  BOOST_TEST(with("/x", "1000", own.c_str()).watchdog.has_value());
  BOOST_TEST(!with("/x", "1000", other.c_str()).watchdog);
  BOOST_TEST(!with("/x", "1000", "none").watchdog);
}

BOOST_AUTO_TEST_CASE(a_time_that_is_none_is_no_watchdog) {
  for (const char* text : {"", "0", "-1", "5s", "1e6", " 5", "99999999999999999999"})
    BOOST_TEST(!with("/x", text, nullptr).watchdog, text);
}

BOOST_AUTO_TEST_CASE(it_tells_a_socket_in_the_file_system_and_an_abstract_one) {
  temporary_folder folder;
  for (const std::string& name :
       {folder.file("notify"), "@reflector-test-" + std::to_string(::getpid())}) {
    notify_receiver manager{name};
    const service_notify agent{name};
    BOOST_TEST(agent.is_wanted());
    BOOST_TEST(agent.ready().has_value());
    BOOST_TEST(agent.alive().has_value());
    BOOST_TEST(agent.status("a\nREADY=1\x1b[2J").has_value());
    BOOST_TEST(agent.reloading().has_value());
    BOOST_TEST(agent.stopping().has_value());
    BOOST_REQUIRE(manager.wait_for("STOPPING"));
    const auto& said = manager.messages();
    BOOST_REQUIRE(said.size() == 5U);
    BOOST_TEST(said[0] == "READY=1");
    BOOST_TEST(said[1] == "WATCHDOG=1");
    BOOST_TEST(said[2].starts_with("STATUS=a"));
    BOOST_TEST(said[2].find('\n') == std::string::npos);
    BOOST_TEST(said[2].find('\x1b') == std::string::npos);
    BOOST_TEST(said[3].starts_with("RELOADING=1\nMONOTONIC_USEC="));
    BOOST_TEST(std::stoll(said[3].substr(27)) > 0);
    BOOST_TEST(said[4] == "STOPPING=1");
  }
}

BOOST_AUTO_TEST_CASE(without_a_manager_nothing_is_said_and_nothing_fails) {
  const service_notify nobody{""};
  BOOST_TEST(!nobody.is_wanted());
  BOOST_TEST(nobody.ready().has_value());
}

BOOST_AUTO_TEST_CASE(a_manager_that_is_gone_or_can_not_be_named_is_a_fault) {
  temporary_folder folder;
  for (const std::string& name : {folder.file("nobody"), std::string{"relative"},
                                  "/" + std::string(200, 'x'), "@" + std::string(200, 'x')})
    BOOST_TEST(!service_notify{name}.ready(), name);
}

BOOST_AUTO_TEST_CASE(a_manager_that_does_not_read_holds_nobody_up) {
  temporary_folder folder;
  const notify_receiver manager{folder.file("notify")};
  const service_notify agent{folder.file("notify")};
  const auto begun = std::chrono::steady_clock::now();
  bool refused = false;
  for (int i = 0; i < 100'000 && !refused; ++i) refused = !agent.alive();
  BOOST_TEST(refused);
  BOOST_TEST((std::chrono::steady_clock::now() - begun < 20s));
}
