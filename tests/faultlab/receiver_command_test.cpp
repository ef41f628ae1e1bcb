#include "tests/faultlab/receiver_command.hpp"

#include "tests/faultlab/agent_trial.hpp"

#include <fstream>
#include <regex>
#include <sstream>

#include <boost/test/unit_test.hpp>

using namespace reflector;
using namespace reflector::faultlab;

BOOST_AUTO_TEST_CASE(wrong_usage_is_told) {
  std::ostringstream out, err;
  BOOST_TEST(receiver_command({"--port", "x"}, out, err) == 2);
  BOOST_TEST(err.str().starts_with("usage:"));
}

BOOST_AUTO_TEST_CASE(it_says_what_an_agent_sends_and_what_its_command_came_to) {
  const temporary_folder folder;
  const pid_t pid = ::fork();
  if (pid == 0) {
    std::ofstream out{folder.file("out")};
    ::_exit(receiver_command({"--command", "echo hello"}, out, out));
  }
  std::smatch url;
  std::string said;
  BOOST_TEST(eventually([&] {
    said = folder.read("out");
    return std::regex_search(said, url, std::regex{"on (http://[0-9.:]+);"});
  }));
  {
    agent_trial agent{"stub", [&](agent_setup& setup) {
                        setup.endpoints[0].url = url[1].str() + "/api/metrics/batch";
                        setup.commands_url = url[1].str() + "/api/commands";
                      }};
    const auto has = [&](const char* text) {
      return folder.read("out").find(text) != std::string::npos;
    };
    BOOST_TEST(eventually([&] { return has("stdout `hello"); }, patience));
    BOOST_TEST(has("trial: 1 sample, number 1, "));
    BOOST_TEST(has("was fetched"));
    agent.stop();
  }
  ::kill(pid, SIGTERM);
  int status = -1;
  ::waitpid(pid, &status, 0);
  BOOST_TEST(status == 0);
  BOOST_TEST(folder.read("out").find("1 of 1 command answered") != std::string::npos);
}
