#include "actors/command/child_process.hpp"
#include "actors/command/process_tree.hpp"
#include "actors/os/own_children.hpp"
#include "actors/os/unique_descriptor.hpp"
#include "tests/keeper_hook.hpp"
#include "tests/marked_processes.hpp"
#include "tests/own_launches.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <functional>
#include <spawn.h>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include <boost/test/data/test_case.hpp>

using namespace reflector;
using namespace reflector::test;
using namespace std::chrono_literals;
using ending = process_outcome::ending;

namespace {

/// With a control group where there is one to be had, and without.
const auto both_ways = boost::unit_test::data::make({true, false});

child_process_options quick(bool use_cgroup) {
  child_process_options options;
  options.use_cgroup = use_cgroup;
  options.timeout_grace = 200ms;
  options.cancel_grace = 100ms;
  options.drain = 100ms;
  return options;
}

process_request marked(const process_mark& mark, const std::string& text,
                       std::chrono::milliseconds timeout = 20s) {
  auto wanted = script(text, timeout);
  wanted.environment.push_back(mark.variable());
  return wanted;
}

/// As somebody else than the tests, where they may, and with few processes: what goes wrong here
/// must not take the machine with it.
process_request confined(process_request wanted) {
  if (::geteuid() == 0) wanted.user = "nobody";
  wanted.limits.processes = 30;
  return wanted;
}

/// Runs `body` in a process of its own, as an agent that can be killed. It ends with that.
class other_agent {
 public:
  explicit other_agent(const std::function<void(int report)>& body) {
    std::array<int, 2> ends{};
    BOOST_REQUIRE(::pipe(ends.data()) == 0);
    pid_ = ::fork();
    BOOST_REQUIRE(pid_ >= 0);
    if (pid_ == 0) {
      ::close(ends[0]);
      body(ends[1]);
      ::_exit(0);
    }
    ::close(ends[1]);
    reports_ = unique_descriptor{ends[0]};
  }
  other_agent(const other_agent&) = delete;
  other_agent& operator=(const other_agent&) = delete;
  ~other_agent() { end(SIGKILL); }

  pid_t pid() const { return pid_; }
  process_identity keeper() const {
    process_identity identity;
    BOOST_REQUIRE(::read(reports_.get(), &identity, sizeof identity) ==
                  static_cast<ssize_t>(sizeof identity));
    return identity;
  }
  void end(int number) {
    if (pid_ < 0) return;
    ::kill(pid_, number);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }

 private:
  pid_t pid_ = -1;
  unique_descriptor reports_;
};

/// An agent that runs this and is killed before it ends.
std::function<void(int)> running(process_request wanted, child_process_options options) {
  return [wanted = std::move(wanted), options = std::move(options)](int report) {
    const auto launcher = make_child_process_launcher(options);
    const auto ready = [report](process_identity identity) {
      (void)!::write(report, &identity, sizeof identity);
    };
    const auto number = launcher->prepare(wanted, ready, [](process_outcome) {});
    launcher->start(number);
    for (;;) ::pause();
  };
}

/// One that lets go of its session, one of its parent too, one that ignores SIGTERM.
const std::string three_that_stay =
    "setsid sleep 61 >/dev/null 2>&1 & "
    "(setsid sh -c 'sleep 62 & exit' >/dev/null 2>&1 &); "
    "(trap '' TERM; exec sleep 63) & ";

/// Those of them that are there.
std::size_t sleepers(const process_mark& mark) {
  std::size_t count = 0;
  for (const pid_t pid : mark.processes()) {
    std::ifstream file{"/proc/" + std::to_string(pid) + "/comm"};
    std::string name;
    count += std::getline(file, name) && name == "sleep" ? 1 : 0;
  }
  return count;
}

}  // namespace

BOOST_DATA_TEST_CASE(a_time_out_ends_all_that_was_started, both_ways, use_cgroup) {
  const process_mark mark;
  const auto outcome =
      run(marked(mark, three_that_stay + "trap '' TERM; sleep 64", 300ms), quick(use_cgroup));
  BOOST_TEST((outcome.how == ending::timed_out));
  BOOST_TEST((outcome.elapsed >= 300ms));
  BOOST_TEST(mark.processes().empty());
}

BOOST_DATA_TEST_CASE(so_does_a_cancel, both_ways, use_cgroup) {
  const process_mark mark;
  const auto launcher = make_child_process_launcher(quick(use_cgroup));
  awaited_launch awaited;
  const auto number = launch(*launcher, marked(mark, three_that_stay + "wait"), awaited);
  BOOST_TEST(eventually([&] { return sleepers(mark) == 3; }));
  const auto begin = std::chrono::steady_clock::now();
  launcher->cancel(number);
  BOOST_TEST((awaited.outcome().how == ending::cancelled));
  // One of them had the whole grace.
  BOOST_TEST((std::chrono::steady_clock::now() - begin >= quick(use_cgroup).cancel_grace));
  BOOST_TEST(mark.processes().empty());
}

BOOST_DATA_TEST_CASE(so_does_its_own_end, both_ways, use_cgroup) {
  const process_mark mark;
  const auto outcome = run(marked(mark, three_that_stay + "exit 3"), quick(use_cgroup));
  BOOST_TEST((outcome.how == ending::exited));
  BOOST_TEST(outcome.code == 3);
  BOOST_TEST(mark.processes().empty());
}

BOOST_AUTO_TEST_CASE(who_obeys_is_not_waited_for) {
  const process_mark mark;
  auto options = quick(true);
  options.timeout_grace = 20s;
  const auto outcome = run(marked(mark, "setsid sleep 60 & sleep 60", 100ms), options);
  BOOST_TEST((outcome.how == ending::timed_out));
  BOOST_TEST((outcome.elapsed < 10s));
  BOOST_TEST(mark.processes().empty());
}

BOOST_DATA_TEST_CASE(one_that_forks_without_end_is_ended, both_ways, use_cgroup) {
  const process_mark mark;
  auto wanted = confined(marked(mark, "exec perl -e '$SIG{TERM}=\"IGNORE\"; fork while 1'", 300ms));
  const auto outcome = run(wanted, quick(use_cgroup));
  BOOST_TEST((outcome.how == ending::timed_out), outcome.wrong);
  BOOST_TEST(mark.processes().empty());
}

BOOST_DATA_TEST_CASE(one_that_runs_away_from_process_to_process_is_caught, both_ways, use_cgroup) {
  const process_mark mark;
  const auto outcome = run(confined(marked(mark,
                                           "exec perl -MPOSIX=setsid -e '$SIG{TERM}=\"IGNORE\"; "
                                           "while (1) { exit if fork; setsid; }'")),
                           quick(use_cgroup));
  BOOST_TEST((outcome.how == ending::exited), outcome.wrong);
  BOOST_TEST(mark.processes().empty());
}

BOOST_DATA_TEST_CASE(where_the_command_kills_its_keeper_the_agent_ends_it, both_ways, use_cgroup) {
  // The agent's other children stay: what it had before, and what it has started itself.
  std::string sleep = "/bin/sleep", time = "60";
  std::array<char*, 3> words{sleep.data(), time.data(), nullptr};
  const auto start_sleep = [&](pid_t& pid) {
    return ::posix_spawn(&pid, words[0], nullptr, nullptr, words.data(), environ);
  };
  pid_t before = -1, own = -1;
  BOOST_REQUIRE(start_sleep(before) == 0);
  const process_mark mark;
  const auto launcher = make_child_process_launcher(quick(use_cgroup));
  awaited_launch awaited;
  launch(*launcher, marked(mark, three_that_stay + "sleep 0.1; kill -9 $PPID; sleep 60"), awaited);
  BOOST_REQUIRE(own_children::of_this_process().start(own, start_sleep) == 0);
  const auto outcome = awaited.outcome();
  BOOST_TEST((outcome.how == ending::signalled));
  BOOST_TEST(outcome.code == SIGKILL);
  BOOST_TEST(outcome.wrong == "its keeper was killed; what it had started was ended");
  BOOST_TEST(mark.processes().empty());
  for (const pid_t pid : {before, own}) {
    BOOST_TEST(is_running(pid));
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
  }
  own_children::of_this_process().forget(own);
}

BOOST_AUTO_TEST_CASE(a_stopped_keeper_ends_it_too) {
  const process_mark mark;
  const auto outcome =
      run(marked(mark, three_that_stay + "kill -STOP $PPID; sleep 60", 300ms), quick(false));
  BOOST_TEST((outcome.how == ending::timed_out));
  BOOST_TEST(mark.processes().empty());
}

BOOST_DATA_TEST_CASE(where_the_agent_is_killed_its_keepers_end_all, both_ways, use_cgroup) {
  const process_mark mark;
  other_agent agent{running(marked(mark, three_that_stay + "wait"), quick(use_cgroup))};
  const auto keeper = agent.keeper();
  BOOST_TEST(eventually([&] { return sleepers(mark) == 3; }));
  agent.end(SIGKILL);
  BOOST_TEST(eventually([&] { return mark.processes().empty(); }));
  BOOST_TEST(eventually([&] { return !is_running(keeper); }));
}

BOOST_AUTO_TEST_CASE(where_it_is_killed_before_the_start_nothing_runs) {
  const process_mark mark;
  other_agent agent{[&](int report) {
    const auto launcher = make_child_process_launcher();
    launcher->prepare(
        marked(mark, "sleep 60"),
        [report](process_identity identity) { (void)!::write(report, &identity, sizeof identity); },
        [](process_outcome) {});
    for (;;) ::pause();
  }};
  const auto keeper = agent.keeper();
  agent.end(SIGKILL);
  BOOST_TEST(eventually([&] { return !is_running(keeper); }));
  BOOST_TEST(mark.processes().empty());
}

BOOST_AUTO_TEST_CASE(a_leftover_is_ended_with_all_below_it_if_it_is_the_one) {
  const process_mark mark;
  other_agent agent{running(marked(mark, three_that_stay + "wait"), quick(false))};
  const auto keeper = agent.keeper();
  BOOST_TEST(eventually([&] { return sleepers(mark) == 3; }));
  const auto launcher = make_child_process_launcher();
  launcher->end_leftover({keeper.pid, keeper.start_ticks + 1});
  launcher->end_leftover({});
  BOOST_TEST(is_running(keeper));
  BOOST_TEST(sleepers(mark) == 3U);
  // Its agent is there, but asleep, and will not be asked.
  ::kill(agent.pid(), SIGSTOP);
  launcher->end_leftover(keeper);
  BOOST_TEST(!is_running(keeper));
  BOOST_TEST(mark.processes().empty());
  launcher->end_leftover(keeper);
}

BOOST_AUTO_TEST_CASE(a_leftover_that_does_not_obey_is_killed) {
  const process_mark mark;
  const auto launcher = make_child_process_launcher();
  awaited_launch awaited;
  launch(*launcher, marked(mark, "trap '' TERM; setsid sleep 60 & sleep 61"), awaited);
  BOOST_TEST(eventually([&] { return sleepers(mark) == 2; }));
  const auto first = identity_of(children_of(awaited.identity().pid).at(0));
  BOOST_REQUIRE(first.has_value());
  launcher->end_leftover(*first);
  BOOST_TEST(!is_running(*first));
  BOOST_TEST((awaited.outcome().how == ending::signalled));
  BOOST_TEST(mark.processes().empty());
}
