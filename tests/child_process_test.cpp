#include "actors/command/child_process.hpp"

#include "tests/keeper_hook.hpp"
#include "tests/own_launches.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <iterator>
#include <string>
#include <string_view>
#include <sys/resource.h>
#include <unistd.h>
#include <vector>

using namespace reflector;
using namespace reflector::test;
using namespace std::chrono_literals;
using ending = process_outcome::ending;

// What becomes of a command: its output, its end, its time. That nothing outlives it is
// command_containment_test's, what it is given first_process_test's.

BOOST_AUTO_TEST_CASE(a_process_that_exits_leaves_its_output_and_status) {
  const auto outcome = run(script("echo out; echo err >&2; exit 7"));
  BOOST_TEST((outcome.how == ending::exited));
  BOOST_TEST(outcome.code == 7);
  BOOST_TEST(outcome.output.head == "out\n");
  BOOST_TEST(outcome.errors.head == "err\n");
  BOOST_TEST(outcome.output.bytes == 4U);
  BOOST_TEST(outcome.errors.bytes == 4U);
  BOOST_TEST(outcome.wrong.empty());
}

BOOST_AUTO_TEST_CASE(words_reach_the_process_as_they_are) {
  const auto outcome = run(request({"printf", "%s|", "a b", "", "$HOME", "'\"\\", "*"}));
  BOOST_TEST(outcome.output.head == "a b||$HOME|'\"\\|*|");
}

BOOST_AUTO_TEST_CASE(a_signal_is_told_from_an_exit) {
  const auto outcome = run(script("kill -SEGV $$"));
  BOOST_TEST((outcome.how == ending::signalled));
  BOOST_TEST(outcome.code == SIGSEGV);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_executed_says_why) {
  for (const auto& [word, code] :
       std::vector<std::pair<std::string, int>>{{"no-such-program-in-any-path", ENOENT},
                                                {"/no/such/program", ENOENT},
                                                {"/etc/passwd", EACCES},
                                                {"/etc", EACCES},
                                                {"", ENOENT}}) {
    const auto outcome = run(request({word}));
    BOOST_TEST((outcome.how == ending::not_started), word);
    BOOST_TEST(outcome.code == code, word);
    BOOST_TEST(outcome.wrong.empty(), word);
  }
  BOOST_TEST(run(request({})).code == ENOENT);
  for (const std::size_t size : {4'000'000U, 9'000'000U})
    BOOST_TEST(run(request({"/bin/echo", std::string(size, 'x')})).code == E2BIG);
}

BOOST_AUTO_TEST_CASE(a_step_before_the_exec_that_fails_is_named) {
  auto wanted = script("echo ran");
  wanted.working_directory = "/no/such";
  auto outcome = run(wanted);
  BOOST_TEST((outcome.how == ending::not_started));
  BOOST_TEST(outcome.code == ENOENT);
  BOOST_TEST(outcome.wrong == "working directory `/no/such`: No such file or directory");
  BOOST_TEST(outcome.output.bytes == 0U);

  wanted = script("echo ran");
  wanted.user = "no-such-user";
  awaited_launch awaited;
  const auto launcher = make_child_process_launcher();
  launch(*launcher, wanted, awaited);
  outcome = awaited.outcome();
  BOOST_TEST((outcome.how == ending::not_started));
  BOOST_TEST(outcome.wrong == "user `no-such-user` is not known");
  BOOST_TEST(awaited.times_ready() == 0);

  using namespace std::string_literals;
  outcome = run(request({"echo", "a\0b"s}));
  BOOST_TEST((outcome.how == ending::not_started));
  BOOST_TEST(outcome.code == EINVAL);
  BOOST_TEST(!outcome.wrong.empty());
}

BOOST_AUTO_TEST_CASE(a_keeper_that_is_none_starts_nothing) {
  for (const char* const program : {"/no/such/program", "/bin/true"}) {
    child_process_options options;
    options.keeper = {program, "command-keeper"};
    const auto outcome = run(script("echo ran"), options);
    BOOST_TEST((outcome.how == ending::not_started));
    BOOST_TEST(outcome.wrong.starts_with("its keeper"), outcome.wrong);
  }
  child_process_options options;
  options.keeper = {"/bin/sleep", "60"};
  options.ready_patience = 100ms;
  const auto outcome = run(script("echo ran"), options);
  BOOST_TEST((outcome.how == ending::not_started));
  BOOST_TEST(outcome.code == ETIMEDOUT);
  BOOST_TEST(outcome.wrong == "its keeper was not ready in time");
}

BOOST_AUTO_TEST_CASE(nothing_runs_before_the_start) {
  const temporary_folder folder;
  const auto launcher = make_child_process_launcher();
  awaited_launch awaited;
  const auto number = launcher->prepare(script("echo x >" + folder.file("ran")), awaited.on_ready(),
                                        awaited.on_done());
  const auto keeper = awaited.identity();
  BOOST_TEST(is_running(keeper.pid));
  launcher->start(number + 1);
  BOOST_TEST(!eventually([&] { return awaited.times_done() > 0; }, 200ms));
  BOOST_TEST(!std::filesystem::exists(folder.file("ran")));
  const auto begin = std::chrono::steady_clock::now();
  launcher->start(number);
  launcher->start(number);
  const auto outcome = awaited.outcome();
  BOOST_TEST((outcome.how == ending::exited));
  // Its time counts from the start.
  BOOST_TEST((outcome.elapsed <= std::chrono::steady_clock::now() - begin));
  BOOST_TEST(folder.read("ran") == "x\n");
  BOOST_TEST(awaited.times_ready() == 1);
  BOOST_TEST(!is_running(keeper.pid));
}

BOOST_AUTO_TEST_CASE(what_is_cancelled_before_its_start_never_runs) {
  const temporary_folder folder;
  const auto launcher = make_child_process_launcher();
  for (const bool when_ready : {false, true}) {
    awaited_launch awaited;
    const auto number = launcher->prepare(script("echo x >" + folder.file("ran")),
                                          awaited.on_ready(), awaited.on_done());
    if (when_ready) awaited.identity();
    launcher->cancel(number);
    launcher->start(number);
    BOOST_TEST((awaited.outcome().how == ending::cancelled));
  }
  BOOST_TEST(!std::filesystem::exists(folder.file("ran")));
}

BOOST_AUTO_TEST_CASE(what_is_said_after_sigterm_is_kept) {
  const temporary_folder folder;
  child_process_options options;
  options.cancel_grace = 20s;
  const auto launcher = make_child_process_launcher(options);
  awaited_launch awaited;
  const auto number = launch(*launcher,
                             script("trap 'echo cleaned up; exit 0' TERM; echo begun; : >" +
                                    folder.file("up") + "; sleep 60 & wait"),
                             awaited);
  BOOST_TEST(eventually([&] { return std::filesystem::exists(folder.file("up")); }));
  launcher->cancel(number);
  const auto outcome = awaited.outcome();
  BOOST_TEST((outcome.how == ending::cancelled));
  BOOST_TEST(outcome.output.head == "begun\ncleaned up\n");
}

BOOST_AUTO_TEST_CASE(a_descendant_that_keeps_the_pipe_is_heard_for_the_drain) {
  child_process_options options;
  options.drain = 1000ms;
  const auto outcome = run(script("echo before; (sleep 0.1; echo after; sleep 30) &"), options);
  BOOST_TEST((outcome.how == ending::exited));
  BOOST_TEST(outcome.code == 0);
  BOOST_TEST((outcome.elapsed < options.drain));  // until its own end
  BOOST_TEST(outcome.output.head == "before\nafter\n");
}

BOOST_AUTO_TEST_CASE(a_descendant_that_writes_without_end_does_not_delay_the_outcome) {
  BOOST_TEST((run(script("yes & exit 0")).how == ending::exited));
}

BOOST_AUTO_TEST_CASE(a_gigabyte_of_output_passes_in_bounded_memory) {
  constexpr std::uint64_t bytes = sanitized ? 50'000'000 : 1'000'000'000;
  rusage before{}, after{};
  getrusage(RUSAGE_SELF, &before);
  auto wanted = script(
      "printf 'the begin'; head -c " + std::to_string(bytes) + " /dev/zero; printf 'the end'", 60s);
  wanted.max_output_bytes = 4096;
  const auto outcome = run(std::move(wanted));
  getrusage(RUSAGE_SELF, &after);
  BOOST_TEST((outcome.how == ending::exited));
  BOOST_TEST(outcome.output.bytes == bytes + 16);
  BOOST_TEST(outcome.output.head.size() == 2048U);
  BOOST_TEST(outcome.output.head.starts_with("the begin"));
  BOOST_TEST(outcome.output.tail.size() == 2048U);
  BOOST_TEST(outcome.output.tail.ends_with("the end"));
  BOOST_TEST(after.ru_maxrss - before.ru_maxrss < 4096);
}

BOOST_AUTO_TEST_CASE(the_digest_is_of_what_the_command_wrote) {
  auto wanted = script("printf abc; printf abc >&2");
  wanted.max_output_bytes = 1;
  const auto outcome = run(wanted);
  const std::array<unsigned char, 4> begin{0xba, 0x78, 0x16, 0xbf};
  BOOST_TEST(std::equal(begin.begin(), begin.end(), outcome.output.sha256.begin()));
  BOOST_TEST((outcome.output.sha256 == outcome.errors.sha256));
}

BOOST_AUTO_TEST_CASE(an_endless_writer_is_still_timed_out) {
  const auto outcome = run(request({"yes"}, 1000ms));
  BOOST_TEST((outcome.how == ending::timed_out));
  BOOST_TEST(outcome.output.head.size() + outcome.output.tail.size() == 64U * 1024);
}

BOOST_AUTO_TEST_CASE(bytes_of_every_value_are_kept) {
  const auto outcome = run(script("printf 'a\\000b\\377\\376\\n'; printf '\\200' >&2"));
  BOOST_TEST(outcome.output.head == (std::string{"a\0b\xff\xfe\n", 6}));
  BOOST_TEST(outcome.errors.head == "\x80");
}

BOOST_AUTO_TEST_CASE(a_cancel_ends_the_one_that_is_meant) {
  const temporary_folder folder;
  const auto launcher = make_child_process_launcher();
  awaited_launch first, second;
  const auto number =
      launch(*launcher, script("echo > " + folder.file("up") + "; sleep 60"), first);
  const auto other = launch(*launcher, request({"sleep", "60"}), second);
  BOOST_TEST(eventually([&] { return std::filesystem::exists(folder.file("up")); }));
  launcher->cancel(other + 1);
  launcher->cancel(number);
  const auto outcome = first.outcome();
  BOOST_TEST((outcome.how == ending::cancelled));
  BOOST_TEST(second.times_done() == 0);
  launcher->cancel(number);
  launcher->cancel(other);
  BOOST_TEST((second.outcome().how == ending::cancelled));
  BOOST_TEST(first.times_done() == 1);
}

BOOST_AUTO_TEST_CASE(destruction_ends_what_runs_and_every_launch_is_answered) {
  std::vector<awaited_launch> awaited(4);
  {
    const auto launcher = make_child_process_launcher();
    for (auto& one : awaited) launch(*launcher, request({"sleep", "60"}), one);
    launcher->prepare(request({"sleep", "60"}), awaited[0].on_ready(), [](process_outcome) {});
  }
  for (auto& one : awaited) {
    BOOST_TEST(one.times_done() == 1);
    BOOST_TEST((one.outcome().how == ending::cancelled));
  }
}

BOOST_AUTO_TEST_CASE(no_process_and_no_descriptor_is_left) {
  const auto descriptors = [] {
    const std::filesystem::directory_iterator all{"/proc/self/fd"};
    return std::distance(begin(all), end(all));
  };
  const auto launcher = make_child_process_launcher();
  const auto before = descriptors();
  for (int n = 0; n < 10; ++n) {
    awaited_launch awaited;
    launch(*launcher, script("echo $$ $PPID"), awaited);
    const auto pids = pids_in(awaited.outcome().output.head);
    BOOST_REQUIRE(pids.size() == 2U);
    for (const auto pid : pids) {
      BOOST_TEST(kill(pid, 0) == -1);
      BOOST_TEST(errno == ESRCH);
    }
  }
  // A launch's descriptors go with its thread, a little after its outcome; so those of a test
  // before this one may have been counted.
  BOOST_TEST(eventually([&] { return descriptors() <= before; }));
}
