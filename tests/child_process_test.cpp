#include "actors/command/child_process.hpp"

#include "actors/command/output_tail.hpp"
#include "tests/temporary_folder.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <memory>
#include <mutex>
#include <optional>
#include <sstream>
#include <stdlib.h>
#include <string>
#include <sys/resource.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include <boost/test/unit_test.hpp>

using namespace reflector;
using namespace std::chrono_literals;
using ending = process_outcome::ending;

namespace {

/// Waits for the outcome of one launch.
class awaited_outcome {
 public:
  auto callback() {
    return [shared = shared_](process_outcome outcome) {
      const std::lock_guard lock{shared->mutex};
      ++shared->calls;
      shared->outcome = std::move(outcome);
      shared->came.notify_all();
    };
  }

  process_outcome get() {
    std::unique_lock lock{shared_->mutex};
    BOOST_REQUIRE(shared_->came.wait_for(lock, 20s, [&] { return shared_->calls > 0; }));
    BOOST_TEST(shared_->calls == 1);
    return *shared_->outcome;
  }

  int calls() {
    const std::lock_guard lock{shared_->mutex};
    return shared_->calls;
  }

 private:
  struct state {
    std::mutex mutex;
    std::condition_variable came;
    std::optional<process_outcome> outcome;
    int calls = 0;
  };
  std::shared_ptr<state> shared_ = std::make_shared<state>();
};

process_request request(std::vector<std::string> argv, std::chrono::milliseconds timeout = 10s) {
  process_request wanted;
  wanted.argv = std::move(argv);
  wanted.timeout = timeout;
  return wanted;
}

process_request script(const std::string& text, std::chrono::milliseconds timeout = 10s) {
  return request({"/bin/sh", "-c", text}, timeout);
}

process_outcome run(process_request wanted, child_process_options options = {}) {
  auto launcher = make_child_process_launcher(options);
  awaited_outcome awaited;
  launcher->launch(std::move(wanted), awaited.callback());
  return awaited.get();
}

/// Neither running nor a zombie within a second.
bool is_gone(pid_t pid) {
  for (int n = 0; n < 100; ++n) {
    std::ifstream file{"/proc/" + std::to_string(pid) + "/stat"};
    std::string stat;
    if (!std::getline(file, stat)) return true;
    const auto state = stat.find(") ");
    // Orphans in a container without an init that reaps stay as zombies.
    if (state != std::string::npos && (stat[state + 2] == 'Z' || stat[state + 2] == 'X'))
      return true;
    std::this_thread::sleep_for(10ms);
  }
  return false;
}

std::vector<pid_t> pids_in(const std::string& text) {
  std::istringstream stream{text};
  std::vector<pid_t> pids;
  for (pid_t pid = 0; stream >> pid;) pids.push_back(pid);
  return pids;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_process_that_exits_leaves_its_output_and_status) {
  const auto outcome = run(script("echo out; echo err >&2; exit 7"));
  BOOST_TEST((outcome.how == ending::exited));
  BOOST_TEST(outcome.code == 7);
  BOOST_TEST(outcome.standard_output == "out\n");
  BOOST_TEST(outcome.standard_error == "err\n");
  BOOST_TEST(outcome.output_bytes == 4U);
  BOOST_TEST(outcome.error_bytes == 4U);
}

BOOST_AUTO_TEST_CASE(words_reach_the_process_as_they_are) {
  const auto outcome = run(request({"printf", "%s|", "a b", "", "$HOME", "'\"\\", "*"}));
  BOOST_TEST(outcome.standard_output == "a b||$HOME|'\"\\|*|");
}

BOOST_AUTO_TEST_CASE(a_signal_is_told_from_an_exit) {
  const auto outcome = run(script("kill -SEGV $$"));
  BOOST_TEST((outcome.how == ending::signalled));
  BOOST_TEST(outcome.code == SIGSEGV);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_started_says_why) {
  const auto missing = run(request({"no-such-program-in-any-path"}));
  BOOST_TEST((missing.how == ending::not_started));
  BOOST_TEST(missing.code == ENOENT);
  BOOST_TEST(run(request({"/no/such/program"})).code == ENOENT);
  BOOST_TEST(run(request({"/etc/passwd"})).code == EACCES);
  BOOST_TEST(run(request({"/etc"})).code == EACCES);
  BOOST_TEST(run(request({""})).code == ENOENT);
  BOOST_TEST(run(request({"/bin/echo", std::string(4'000'000, 'x')})).code == E2BIG);
}

BOOST_AUTO_TEST_CASE(a_time_out_ends_the_whole_group_and_keeps_what_was_printed) {
  // A child, a grandchild of a background shell, and one that lets go of the pipes.
  const auto begin = std::chrono::steady_clock::now();
  const auto outcome = run(script(
      "echo $$; sleep 60 & echo $!; sh -c 'sleep 61 & echo $!; wait' & sleep 62 >/dev/null 2>&1 & "
      "echo $!; wait",
      400ms));
  const auto took = std::chrono::steady_clock::now() - begin;
  BOOST_TEST((outcome.how == ending::timed_out));
  BOOST_TEST((took >= 400ms));
  BOOST_TEST((took < 1000ms));
  BOOST_TEST((outcome.elapsed >= 400ms));
  const auto pids = pids_in(outcome.standard_output);
  BOOST_TEST(pids.size() == 4U);
  for (const auto pid : pids) BOOST_TEST(is_gone(pid), "process " << pid);
}

BOOST_AUTO_TEST_CASE(who_ignores_sigterm_is_killed_after_the_grace) {
  const auto outcome =
      run(script("trap '' TERM; echo $$; sh -c 'echo $$; while :; do sleep 1; done' & "
                 "while :; do sleep 1; done",
                 300ms));
  BOOST_TEST((outcome.how == ending::timed_out));
  BOOST_TEST((outcome.elapsed >= 1300ms));
  BOOST_TEST((outcome.elapsed < 2300ms));
  const auto pids = pids_in(outcome.standard_output);
  BOOST_TEST(pids.size() == 2U);
  for (const auto pid : pids) BOOST_TEST(is_gone(pid), "process " << pid);
}

BOOST_AUTO_TEST_CASE(a_descendant_that_ignores_sigterm_does_not_outlive_an_obedient_parent) {
  const auto outcome = run(script(
      "sh -c 'trap \"\" TERM; echo $$; while :; do sleep 1; done' & trap 'exit 3' TERM; wait",
      300ms));
  BOOST_TEST((outcome.how == ending::timed_out));
  const auto pids = pids_in(outcome.standard_output);
  BOOST_REQUIRE(pids.size() == 1U);
  BOOST_TEST(is_gone(pids[0]));
}

BOOST_AUTO_TEST_CASE(what_is_said_after_sigterm_is_kept) {
  const auto outcome =
      run(script("trap 'echo cleaned up; exit 0' TERM; echo begun; sleep 60 & wait", 300ms));
  BOOST_TEST((outcome.how == ending::timed_out));
  BOOST_TEST(outcome.standard_output == "begun\ncleaned up\n");
}

BOOST_AUTO_TEST_CASE(a_descendant_that_keeps_the_pipe_does_not_delay_the_outcome) {
  const auto outcome = run(script("echo before; sleep 30 & echo $!"));
  BOOST_TEST((outcome.how == ending::exited));
  BOOST_TEST(outcome.code == 0);
  BOOST_TEST((outcome.elapsed < 900ms));
  BOOST_REQUIRE(outcome.standard_output.starts_with("before\n"));
  const auto pids = pids_in(outcome.standard_output.substr(7));
  BOOST_REQUIRE(pids.size() == 1U);
  // It was left to itself, as a service that a command starts must be.
  BOOST_TEST(kill(pids[0], 0) == 0);
  kill(pids[0], SIGKILL);
}

BOOST_AUTO_TEST_CASE(a_descendant_that_writes_without_end_does_not_delay_the_outcome) {
  const auto outcome = run(script("yes & echo $! >&2"));
  BOOST_TEST((outcome.how == ending::exited));
  BOOST_TEST((outcome.elapsed < 1000ms));
  for (const auto pid : pids_in(outcome.standard_error)) BOOST_TEST(is_gone(pid));  // of SIGPIPE
}

BOOST_AUTO_TEST_CASE(a_gigabyte_of_output_passes_in_bounded_memory) {
  rusage before{}, after{};
  getrusage(RUSAGE_SELF, &before);
  auto wanted = script("head -c 1000000000 /dev/zero | tr '\\0' 'x'; printf 'the end'", 60s);
  wanted.max_output_bytes = 4096;
  const auto outcome = run(std::move(wanted));
  getrusage(RUSAGE_SELF, &after);
  BOOST_TEST((outcome.how == ending::exited));
  BOOST_TEST(outcome.output_bytes == 1'000'000'007U);
  BOOST_TEST(outcome.standard_output.size() == 4096U);
  BOOST_TEST(outcome.standard_output.ends_with("xxxthe end"));
  BOOST_TEST(after.ru_maxrss - before.ru_maxrss < 4096);
}

BOOST_AUTO_TEST_CASE(an_endless_writer_is_still_timed_out) {
  const auto outcome = run(request({"yes"}, 300ms));
  BOOST_TEST((outcome.how == ending::timed_out));
  BOOST_TEST((outcome.elapsed < 1000ms));
  BOOST_TEST(outcome.standard_output.size() == 4096U);
}

BOOST_AUTO_TEST_CASE(bytes_of_every_value_are_kept) {
  const auto outcome = run(script("printf 'a\\000b\\377\\376\\n'; printf '\\200' >&2"));
  BOOST_TEST(outcome.standard_output == (std::string{"a\0b\xff\xfe\n", 6}));
  BOOST_TEST(outcome.standard_error == "\x80");
}

BOOST_AUTO_TEST_CASE(a_process_inherits_nothing_of_the_agent) {
  const int leaked = open("/dev/null", O_RDONLY);
  BOOST_REQUIRE(leaked > 2);
  sigset_t blocked, before;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  sigaddset(&blocked, SIGUSR1);
  pthread_sigmask(SIG_BLOCK, &blocked, &before);
  const auto old_pipe = std::signal(SIGPIPE, SIG_IGN);
  const auto outcome = run(request({"/bin/cat", "/proc/self/status"}));
  const auto descriptors = run(request({"ls", "/proc/self/fd"}));
  const auto input = run(request({"readlink", "/proc/self/fd/0"}));
  const auto session = run(
      script("ps -o pid= -o pgid= -o sid= -p $$ 2>/dev/null || cut -d' ' -f1,5,6 /proc/$$/stat"));
  std::signal(SIGPIPE, old_pipe);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  close(leaked);

  const auto& status = outcome.standard_output;
  BOOST_TEST(status.find("SigBlk:\t0000000000000000") != std::string::npos, status);
  const auto ignored = status.find("SigIgn:\t");
  BOOST_REQUIRE(ignored != std::string::npos);
  // 32 and 33 belong to the C library, which lets nobody set them.
  constexpr unsigned long long library_signals = 0x180000000;
  BOOST_TEST((std::stoull(status.substr(ignored + 8, 16), nullptr, 16) & ~library_signals) == 0U,
             status);
  BOOST_TEST(descriptors.standard_output == "0\n1\n2\n3\n");  // 3 is the folder that ls reads
  BOOST_TEST(input.standard_output == "/dev/null\n");
  const auto ids = pids_in(session.standard_output);
  BOOST_REQUIRE(ids.size() == 3U);
  BOOST_TEST(ids[0] == ids[1]);
  BOOST_TEST(ids[0] == ids[2]);
}

BOOST_AUTO_TEST_CASE(a_cancel_ends_the_group) {
  auto launcher = make_child_process_launcher();
  awaited_outcome awaited;
  const auto number =
      launcher->launch(script("echo $$; sleep 60 & echo $!; wait"), awaited.callback());
  std::this_thread::sleep_for(200ms);
  BOOST_TEST(awaited.calls() == 0);
  launcher->cancel(number + 1);
  std::this_thread::sleep_for(100ms);
  BOOST_TEST(awaited.calls() == 0);
  launcher->cancel(number);
  const auto outcome = awaited.get();
  BOOST_TEST((outcome.how == ending::cancelled));
  BOOST_TEST((outcome.elapsed < 1500ms));
  const auto pids = pids_in(outcome.standard_output);
  BOOST_TEST(pids.size() == 2U);
  for (const auto pid : pids) BOOST_TEST(is_gone(pid));
  launcher->cancel(number);
  BOOST_TEST(awaited.calls() == 1);
}

BOOST_AUTO_TEST_CASE(destruction_ends_what_runs_and_every_launch_is_answered) {
  std::vector<awaited_outcome> awaited(5);
  const auto begin = std::chrono::steady_clock::now();
  {
    auto launcher = make_child_process_launcher();
    for (auto& one : awaited) launcher->launch(request({"sleep", "60"}), one.callback());
  }
  BOOST_TEST((std::chrono::steady_clock::now() - begin < 2s));
  for (auto& one : awaited) {
    BOOST_TEST(one.calls() == 1);
    BOOST_TEST((one.get().how == ending::cancelled));
  }
}

BOOST_AUTO_TEST_CASE(without_pidfd_it_is_the_same) {
  child_process_options options;
  options.use_pidfd = false;
  const auto exited = run(script("exec >/dev/null 2>&1; sleep 0.2; exit 5"), options);
  BOOST_TEST((exited.how == ending::exited));
  BOOST_TEST(exited.code == 5);
  BOOST_TEST((exited.elapsed < 700ms));
  BOOST_TEST((run(request({"sleep", "60"}, 200ms), options).how == ending::timed_out));
}

BOOST_AUTO_TEST_CASE(no_zombie_and_no_descriptor_is_left) {
  const auto descriptors = [] {
    temporary_folder folder;
    const auto list = folder.path() + "/list";
    BOOST_REQUIRE(
        std::system(("ls /proc/" + std::to_string(getpid()) + "/fd | wc -l > " + list).c_str()) ==
        0);
    std::size_t count = 0;
    std::ifstream{list} >> count;
    return count;
  };
  auto launcher = make_child_process_launcher();
  const auto before = descriptors();
  for (int n = 0; n < 20; ++n) {
    awaited_outcome awaited;
    launcher->launch(script("echo $$"), awaited.callback());
    const auto pids = pids_in(awaited.get().standard_output);
    BOOST_REQUIRE(pids.size() == 1U);
    BOOST_TEST(kill(pids[0], 0) == -1);
    BOOST_TEST(errno == ESRCH);
  }
  std::this_thread::sleep_for(100ms);
  BOOST_TEST(descriptors() == before);
}

BOOST_AUTO_TEST_CASE(a_tail_keeps_the_last_bytes_however_they_come) {
  for (const std::size_t piece : {1U, 3U, 7U, 8U, 9U, 100U}) {
    std::string all;
    output_tail tail{8};
    for (std::size_t n = 0; n < 50; ++n) {
      std::string bytes;
      for (std::size_t c = 0; c < piece; ++c)
        bytes += static_cast<char>('a' + (n * piece + c) % 26);
      tail.append(bytes);
      all += bytes;
    }
    BOOST_TEST(tail.total() == all.size());
    BOOST_TEST(tail.take() == all.substr(all.size() - std::min<std::size_t>(8, all.size())));
  }
  output_tail none{0};
  none.append("abc");
  BOOST_TEST(none.total() == 3U);
  BOOST_TEST(none.take().empty());
}
