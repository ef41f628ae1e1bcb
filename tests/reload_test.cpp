#include "actors/cli/reload.hpp"

#include <boost/test/unit_test.hpp>

using namespace reflector;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_CASE(what_a_running_agent_can_change_is_changed) {
  configuration running;
  running.agent.hostname = "host";
  configuration next;
  next.agent.interval = 7s;
  next.agent.rack = "Rack-B";
  next.log.level = log_level::debug;
  const auto changed = change_of(running, next, "host");
  BOOST_TEST(changed.at_restart.empty());
  next.agent.hostname = "host";
  BOOST_TEST((changed.value == next));
}

BOOST_AUTO_TEST_CASE(what_it_can_not_change_stays_and_is_named) {
  configuration running;
  running.agent.hostname = "host";
  configuration next = running;
  next.agent.state_dir = "/elsewhere";
  next.agent.host_root = "/host";
  next.metrics.listen = "127.0.0.1:9273";
  next.log.file = "/other.log";
  next.log.max_bytes = 4096;
  next.log.backup_count = 9;
  const auto changed = change_of(running, next, "host");
  BOOST_TEST((changed.value == running));
  BOOST_TEST(changed.at_restart ==
                 (std::vector<std::string>{"agent.state_dir", "agent.host_root", "metrics.listen",
                                           "log.file", "log.max_bytes", "log.backup_count"}),
             boost::test_tools::per_element());
}
