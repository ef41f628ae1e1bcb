#include "tests/faultlab/agents/ran.hpp"

#include "tests/agent_process.hpp"
#include "tests/faultlab/agents/marks.hpp"
#include "tests/faultlab/agents/program_call.hpp"

#include <sstream>
#include <sys/prctl.h>

#include <boost/test/unit_test.hpp>

using namespace reflector;
using namespace reflector::faultlab;

namespace {

std::vector<pid_t> children() {
  std::vector<pid_t> all;
  const std::string self = std::to_string(::getpid());
  std::istringstream list{file_content("/proc/self/task/" + self + "/children")};
  for (pid_t pid = 0; list >> pid;) all.push_back(pid);
  return all;
}

}  // namespace

BOOST_AUTO_TEST_CASE(each_run_leaves_a_mark) {
  const temporary_folder folder;
  const auto file = folder.file("marks");
  BOOST_TEST(runs_in_marks(file).empty());
  BOOST_TEST(ran({file, "a"}) == 0);
  BOOST_TEST(ran({file, "b", "--exit", "7"}) == 7);
  BOOST_TEST(ran({file, "a", "--sleep", "0", "--output", "100"}) == 0);
  const auto runs = runs_in_marks(file);
  BOOST_TEST(runs.size() == 2u);
  BOOST_TEST(runs.at("a") == 2u);
  BOOST_TEST(runs.at("b") == 1u);
}

BOOST_AUTO_TEST_CASE(what_it_does_not_know_leaves_none) {
  const temporary_folder folder;
  const auto file = folder.file("marks");
  for (const std::vector<std::string>& each : {std::vector<std::string>{file},
                                               {file, "a", "--sleep"},
                                               {file, "a", "--sleep", "x"},
                                               {file, "a", "--exit", "256"},
                                               {file, "a", "--nap", "1"}})
    BOOST_TEST(ran(each) == 2);
  BOOST_TEST(!std::filesystem::exists(file));
  BOOST_TEST(ran({folder.file("no/marks"), "a"}) == 3);
}

BOOST_AUTO_TEST_CASE(its_children_outlive_it) {
  const temporary_folder folder;
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  const pid_t pid = ::fork();
  if (pid == 0) ::_exit(ran({folder.file("marks"), "a", "--forks", "6"}));
  int status = 0;
  BOOST_TEST(::waitpid(pid, &status, 0) == pid);
  BOOST_TEST(eventually([] { return children().size() == 6; }));
  const auto left = children();
  std::size_t sessions = 0;
  BOOST_TEST(eventually([&] {  // once they have got so far
    sessions = 0;
    for (const pid_t each : left) sessions += ::getsid(each) == each ? 1 : 0;
    return sessions == 2;
  }));
  for (const pid_t each : left) ::kill(each, SIGKILL);
  for (const pid_t each : left) ::waitpid(each, nullptr, 0);
}
