#include "actors/command/child_process.hpp"
#include "actors/os/unique_descriptor.hpp"
#include "tests/keeper_hook.hpp"
#include "tests/own_launches.hpp"

#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <pthread.h>
#include <string>
#include <string_view>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace reflector;
using namespace reflector::test;
using namespace std::chrono_literals;
using ending = process_outcome::ending;

// What a command's first process gets, and what of the agent's it doesn't.

namespace {

constexpr const char* canary = "REFLECTOR_TEST_CANARY";

std::string output_of(process_request wanted) {
  const auto outcome = run(std::move(wanted));
  BOOST_TEST((outcome.how == ending::exited), outcome.wrong << outcome.errors.head);
  return outcome.output.head;
}

/// "SigBlk:" and the like of /proc/self/status, as a number.
unsigned long long field_of(const std::string& status, const std::string& name, int base = 16) {
  const auto at = status.find(name);
  BOOST_REQUIRE(at != std::string::npos);
  return std::stoull(status.substr(at + name.size()), nullptr, base);
}

/// "SOFT HARD" of a line of /proc/self/limits.
std::string limit_in(const std::string& limits, const std::string& name) {
  const auto at = limits.find(name);
  BOOST_REQUIRE(at != std::string::npos);
  std::istringstream line{limits.substr(at + name.size())};
  std::string soft, hard;
  line >> soft >> hard;
  return soft + ' ' + hard;
}

bool is_root() {
  return ::geteuid() == 0;
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_environment_is_the_requests_alone) {
  ::setenv(canary, "secret", 1);
  auto wanted = request({"env"});
  wanted.environment = {"PATH=/usr/bin:/bin", "A=b c", "EMPTY="};
  BOOST_TEST(output_of(wanted) == "PATH=/usr/bin:/bin\nA=b c\nEMPTY=\n");
  wanted.argv = {"/usr/bin/env"};
  wanted.environment = {};
  BOOST_TEST(output_of(wanted).empty());
}

BOOST_AUTO_TEST_CASE(a_program_is_looked_up_in_the_requests_path) {
  const temporary_folder folder;
  folder.write("uname", "#!/bin/sh\necho mine\n", 0755);
  auto wanted = request({"uname"});
  wanted.environment = {"PATH=" + folder.path()};
  BOOST_TEST(output_of(wanted) == "mine\n");
  folder.write("uname", "#!/bin/sh\necho mine\n", 0644);
  const auto outcome = run(wanted);
  BOOST_TEST((outcome.how == ending::not_started));
  BOOST_TEST(outcome.code == EACCES);
}

BOOST_AUTO_TEST_CASE(the_keeper_has_nothing_of_the_agents_environment) {
  ::setenv(canary, "secret", 1);
  const auto outcome = run(script("cat /proc/$PPID/environ"));
  BOOST_TEST(outcome.output.head.find(canary) == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_command_of_the_agents_user_can_not_read_its_keeper) {
  // As an agent that isn't root, where the tests are: root may read everything.
  const pid_t agent = ::fork();
  if (agent == 0) {
    if (is_root() && (::setgid(65534) != 0 || ::setuid(65534) != 0)) ::_exit(3);
    process_outcome outcome;
    {
      const auto launcher = make_child_process_launcher();
      awaited_launch awaited;
      auto wanted = script("cat /proc/$PPID/environ || cat /proc/$PPID/maps");
      launch(*launcher, std::move(wanted), awaited);
      outcome = awaited.outcome();
    }
    ::_exit(outcome.how == ending::exited && outcome.code == 1 && outcome.output.bytes == 0 &&
                    outcome.errors.head.find("Permission denied") != std::string::npos
                ? 0
                : 1);
  }
  int status = 0;
  BOOST_REQUIRE(::waitpid(agent, &status, 0) == agent);
  BOOST_TEST(status == 0);
}

BOOST_AUTO_TEST_CASE(only_the_standard_streams_are_open) {
  // Inherited by whoever doesn't close it.
  const unique_descriptor leaked{::open("/dev/zero", O_RDONLY)};
  BOOST_REQUIRE(leaked.get() > 2);
  BOOST_TEST(output_of(request({"ls", "/proc/self/fd"})) == "0\n1\n2\n3\n");  // 3: what ls reads
  BOOST_TEST(output_of(request({"readlink", "/proc/self/fd/0"})) == "/dev/null\n");
  // The keeper lets go of its own streams once the command runs.
  BOOST_TEST(output_of(script("i=0; until [ $(readlink /proc/$PPID/fd/1) = /dev/null ]; do "
                              "i=$((i + 1)); [ $i -gt 250 ] && break; sleep 0.02; done; "
                              "readlink /proc/$PPID/fd/1")) == "/dev/null\n");
}

BOOST_AUTO_TEST_CASE(signals_are_as_a_program_expects_them) {
  sigset_t blocked, before;
  sigfillset(&blocked);
  pthread_sigmask(SIG_BLOCK, &blocked, &before);
  const auto old_pipe = std::signal(SIGPIPE, SIG_IGN);
  const auto status = output_of(request({"cat", "/proc/self/status"}));
  std::signal(SIGPIPE, old_pipe);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  BOOST_TEST(field_of(status, "SigBlk:") == 0U);
  // 32 and 33 belong to the C library, which lets nobody set them.
  BOOST_TEST((field_of(status, "SigIgn:") & ~0x180000000ULL) == 0U);
}

BOOST_AUTO_TEST_CASE(it_has_a_session_and_a_group_of_its_own) {
  const auto ids = pids_in(output_of(script("cut -d' ' -f1,5,6 /proc/$$/stat")));
  BOOST_REQUIRE(ids.size() == 3U);
  BOOST_TEST(ids[0] == ids[1]);
  BOOST_TEST(ids[0] == ids[2]);
}

BOOST_AUTO_TEST_CASE(its_folder_is_the_one_asked_for_and_its_files_are_its_own) {
  const temporary_folder folder;
  auto wanted = script("pwd; umask; : > made; stat -c %a made");
  wanted.working_directory = folder.path();
  BOOST_TEST(output_of(wanted) == folder.path() + "\n0077\n600\n");
  BOOST_TEST(output_of(request({"pwd"})) == "/\n");
}

BOOST_AUTO_TEST_CASE(its_limits_are_the_requests) {
  auto wanted = request({"cat", "/proc/self/limits"});
  wanted.limits.cpu = 89'100ms;
  wanted.limits.memory = 123 << 20;
  wanted.limits.file_size = 45 << 20;
  wanted.limits.files = 67;
  wanted.limits.processes = 78;
  const auto limits = output_of(wanted);
  BOOST_TEST(limit_in(limits, "Max cpu time") == "90 91");
  BOOST_TEST(limit_in(limits, "Max data size") == "128974848 128974848");
  BOOST_TEST(limit_in(limits, "Max file size") == "47185920 47185920");
  BOOST_TEST(limit_in(limits, "Max open files") == "67 67");
  BOOST_TEST(limit_in(limits, "Max core file size") == "0 0");
  // Beyond what its user has already: at least this process and its keeper.
  const auto processes = std::stoull(limit_in(limits, "Max processes"));
  BOOST_TEST(processes > 79U);
  BOOST_TEST(processes < 1'000'000U);
}

BOOST_AUTO_TEST_CASE(a_limit_above_the_agents_own_is_the_agents_own) {
  rlimit own{};
  BOOST_REQUIRE(::getrlimit(RLIMIT_NOFILE, &own) == 0);
  auto wanted = script("ulimit -n; ulimit -Hn");
  wanted.limits.files = 2'000'000'000;
  const auto said = output_of(wanted);
  const auto most = std::to_string(own.rlim_max) + '\n';
  BOOST_TEST(said == most + most);
}

BOOST_AUTO_TEST_CASE(who_takes_more_is_stopped) {
  auto wanted = request({"perl", "-e", "$x = 'a' x (200 << 20); print 'had it'"});
  wanted.limits.memory = 64 << 20;
  BOOST_TEST(run(wanted).output.bytes == 0U);
  wanted.limits.memory = std::uint64_t{1} << 30;
  BOOST_TEST(run(wanted).output.head == "had it");

  const temporary_folder folder;
  wanted = request({"head", "-c", "1000000", "/dev/zero"});
  wanted.argv = {"/bin/sh", "-c", "exec head -c 1000000 /dev/zero > big"};
  wanted.working_directory = folder.path();
  wanted.limits.file_size = 100'000;
  const auto outcome = run(wanted);
  BOOST_TEST((outcome.how == ending::signalled));
  BOOST_TEST(outcome.code == SIGXFSZ);
  BOOST_TEST(std::filesystem::file_size(folder.file("big")) == 100'000U);

  wanted = request({"perl", "-e", "1 while 1"});
  wanted.limits.cpu = 100ms;  // a second is the least
  BOOST_TEST(run(wanted).code == SIGXCPU);
}

BOOST_AUTO_TEST_CASE(it_leaves_no_core_file) {
  const temporary_folder folder;
  auto wanted = script("ulimit -c unlimited 2>/dev/null; kill -SEGV $$");
  wanted.working_directory = folder.path();
  BOOST_TEST(run(wanted).code == SIGSEGV);
  BOOST_TEST(std::filesystem::is_empty(folder.path()));
}

BOOST_AUTO_TEST_CASE(no_new_privileges_is_as_asked) {
  auto wanted = request({"cat", "/proc/self/status"});
  BOOST_TEST(field_of(output_of(wanted), "NoNewPrivs:") == 1U);
  wanted.no_new_privileges = false;
  BOOST_TEST(field_of(output_of(wanted), "NoNewPrivs:") == 0U);
}

BOOST_AUTO_TEST_CASE(another_user_is_that_user_in_everything,
                     *boost::unit_test::precondition([](auto) { return is_root(); })) {
  auto wanted = script("id -un; id -G; cat /proc/self/status; env");
  wanted.user = "nobody";
  wanted.environment = {"PATH=/usr/bin:/bin", "HOME=/root", "USER=root", "OTHER=1"};
  const auto said = output_of(wanted);
  BOOST_TEST(said.starts_with("nobody\n65534\n"), said);
  for (const std::string name : {"Uid:", "Gid:"})
    BOOST_TEST(said.find(name + "\t65534\t65534\t65534\t65534\n") != std::string::npos);
  for (const std::string name : {"CapInh:", "CapPrm:", "CapEff:", "CapAmb:"})
    BOOST_TEST(field_of(said, name) == 0U);
  BOOST_TEST(said.find("\nHOME=/nonexistent\n") != std::string::npos);
  BOOST_TEST(said.find("\nUSER=nobody\n") != std::string::npos);
  BOOST_TEST(said.find("\nLOGNAME=nobody\n") != std::string::npos);
  BOOST_TEST(said.find("\nOTHER=1\n") != std::string::npos);
  BOOST_TEST(said.find("root") == std::string::npos);

  // Its rights are that user's, also for the step into the folder.
  const temporary_folder folder;
  wanted.working_directory = folder.path();
  const auto outcome = run(wanted);
  BOOST_TEST((outcome.how == ending::not_started));
  BOOST_TEST(outcome.code == EACCES);
  BOOST_TEST(outcome.wrong.starts_with("working directory "), outcome.wrong);
}

BOOST_AUTO_TEST_CASE(another_user_needs_root) {
  const pid_t agent = ::fork();
  if (agent == 0) {
    if (is_root() && (::setgid(65534) != 0 || ::setuid(65534) != 0)) ::_exit(3);
    bool failed = false;
    {
      auto wanted = request({"true"});
      wanted.user = "daemon";
      const auto outcome = run(wanted);
      failed = outcome.how == ending::not_started && outcome.code == EPERM &&
               outcome.wrong.starts_with("becoming user `daemon`: ");
    }
    ::_exit(failed ? 0 : 1);
  }
  int status = 0;
  BOOST_REQUIRE(::waitpid(agent, &status, 0) == agent);
  BOOST_TEST(status == 0);
}
