// kill -9 at each of the journal's transitions: what had started is never run again, what had only
// been received runs, and each command is answered, with the same bytes each time.

#define BOOST_TEST_NO_MAIN  // its own is at the end

#include "actors/command/child_process.hpp"
#include "actors/command/durable_command_journal.hpp"
#include "actors/command/executor_actor.hpp"
#include "actors/command/journal_actor.hpp"
#include "actors/command/poller_actor.hpp"
#include "actors/command/reporter_actor.hpp"
#include "actors/net/curl_http_client.hpp"
#include "tests/agent_process.hpp"
#include "tests/command_actors_fixture.hpp"
#include "tests/keeper_hook.hpp"
#include "tests/receiver/ego_receiver.hpp"
#include "tests/temporary_folder.hpp"

#include <array>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <caf/actor_system_config.hpp>

using namespace reflector;
using namespace std::chrono_literals;

namespace {

enum class moment {
  never,
  before_receipt,
  after_receipt,
  before_start,
  after_start,
  before_end,
  after_end,
  before_settling,
  after_settling,
  unwritten_start,  ///< before_end, by a journal that was not told of the start
};
/// Two for each transition.
constexpr std::array moments{moment::after_receipt,   moment::after_receipt, moment::before_start,
                             moment::after_start,     moment::before_end,    moment::after_end,
                             moment::before_settling, moment::after_settling};

/// Ends this process as kill -9 does when the journal comes to a moment in the life of a command.
class fatal_journal final : public command_journal {
 public:
  fatal_journal(std::unique_ptr<command_journal> real, moment when, std::string id)
      : real_(std::move(real)), when_(when), id_(std::move(id)) {}

  result<std::vector<reception>> receive(const std::string& queue,
                                         std::span<const received_command> commands) override {
    return at(moment::before_receipt, moment::after_receipt, commands.front().what.id,
              [&] { return real_->receive(queue, commands); });
  }
  result<void> start(const std::string& queue, const std::string& id,
                     const process_identity& process, const std::string& boot_id) override {
    if (when_ == moment::unwritten_start) return {};
    return at(moment::before_start, moment::after_start, id,
              [&] { return real_->start(queue, id, process, boot_id); });
  }
  result<void> finish(const std::string& queue, const std::string& id,
                      std::string_view body) override {
    if (when_ == moment::unwritten_start && id == id_) std::raise(SIGKILL);
    return at(moment::before_end, moment::after_end, id,
              [&] { return real_->finish(queue, id, body); });
  }
  result<void> settle(const std::string& queue, const std::string& id) override {
    return at(moment::before_settling, moment::after_settling, id,
              [&] { return real_->settle(queue, id); });
  }
  result<open_commands> open(const std::string& queue) override { return real_->open(queue); }
  result<void> probe() override { return real_->probe(); }

 private:
  template <class Work>
  auto at(moment before, moment after, const std::string& id, const Work& work)
      -> decltype(work()) {
    if (when_ == before && id == id_) std::raise(SIGKILL);
    auto outcome = work();
    if (when_ == after && id == id_) std::raise(SIGKILL);
    return outcome;
  }

  std::unique_ptr<command_journal> real_;
  moment when_;
  std::string id_;
};

std::chrono::milliseconds uptime() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now().time_since_epoch());
}

/// The commands' part of an agent, in this process, until it is killed.
[[noreturn]] void live(const std::string& folder, const std::string& url, moment when,
                       const std::string& id) {
  sigset_t child;
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  ::pthread_sigmask(SIG_BLOCK, &child, nullptr);
  caf::actor_system_config config;
  config.set("scheduler.max-threads", std::size_t{1});
  caf::actor_system system{config};
  curl_http_client http;
  const auto launcher = make_child_process_launcher();
  fake_supervisor permits;
  const auto supervisor = permits.spawn(system);
  auto queue = std::make_shared<command_queue>();
  queue->url = url;
  queue->hostname = "h";
  queue->retry = {10ms, 50ms};
  const auto random = [] { return 0.0; };
  auto journal = spawn_journal(
      system,
      {[&]() -> result<std::unique_ptr<command_journal>> {
         auto real = open_command_journal(
             {folder + "/commands.db", uptime, [] { return std::chrono::system_clock::now(); }});
         if (!real) return tl::unexpected<fault>{real.error()};
         return std::make_unique<fatal_journal>(std::move(*real), when, id);
       },
       open_audit_log(folder + "/audit.jsonl", [] { return std::chrono::system_clock::now(); }),
       *launcher, "boot"},
      true);
  const auto reporter = spawn_reporter(system, {http, supervisor, queue, random});
  const auto executor = spawn_executor(system, {*launcher, supervisor, journal, reporter,
                                                std::make_shared<const fake_gate>(), "ego"});
  const auto poller = spawn_poller(system, {http, supervisor, executor, queue, 20ms, random});
  for (;;) ::pause();
}

class life {
 public:
  life(const std::string& folder, const std::string& url, moment when, const std::string& id) {
    const std::string number = std::to_string(static_cast<int>(when));
    std::array<const char*, 7> words{"command_kill_test", "live",     folder.c_str(), url.c_str(),
                                     number.c_str(),      id.c_str(), nullptr};
    const int error = ::posix_spawn(&pid_, "/proc/self/exe", nullptr, nullptr,
                                    const_cast<char**>(words.data()), environ);
    BOOST_REQUIRE(error == 0);
  }
  ~life() {
    if (pid_ < 0) return;
    ::kill(pid_, SIGKILL);
    wait();
  }
  life(const life&) = delete;
  life& operator=(const life&) = delete;

  /// @return the signal that has ended it
  int wait() {
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  }

 private:
  pid_t pid_ = -1;
};

struct killing {
  temporary_folder folder;
  ego_receiver receiver;
  struct sent {
    std::string id;
    moment killed;
  };
  std::vector<sent> commands;

  std::string trace(std::size_t number) const {
    return folder.file("ran-" + std::to_string(number));
  }

  /// Queues a command, and lives until it comes to that moment.
  void kill_at(moment when) {
    const auto file = trace(commands.size());
    const auto id = receiver.add_command("h", "/bin/sh -c 'echo ran >> " + file + "'");
    commands.push_back({id, when});
    life one{folder.path(), receiver.commands_url(), when, id};
    BOOST_REQUIRE(one.wait() == SIGKILL);
  }

  /// Lives until each command that was journaled has its answer.
  void settle_all() {
    const life last{folder.path(), receiver.commands_url(), moment::never, "-"};
    BOOST_TEST(receiver.wait_until(
        [&](const ego_receiver& queue) {
          const auto all = queue.commands();
          for (std::size_t i = 0; i < all.size(); ++i)
            if (commands[i].killed != moment::before_receipt && all[i].results.empty())
              return false;
          return true;
        },
        30s));
  }

  std::size_t runs(std::size_t number) const {
    std::ifstream file{trace(number)};
    std::size_t lines = 0;
    for (std::string line; std::getline(file, line);) ++lines;
    return lines;
  }
};

bool is_interrupted(const queued_command& one) {
  return one.results.front().find("\"stderr\":\"interrupted: ") != std::string::npos;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(command_kill_test, killing)

BOOST_AUTO_TEST_CASE(no_command_runs_twice_and_each_is_answered_wherever_the_agent_is_killed) {
  constexpr int times = sanitized ? 4 : 25;
  for (int n = 0; n < times; ++n)
    for (const auto when : moments) kill_at(when);
  settle_all();
  const auto all = receiver.commands();
  BOOST_REQUIRE(all.size() == commands.size());
  std::size_t ran = 0, late_runs = 0, interruptions = 0, repeated = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto& one = all[i];
    BOOST_TEST_CONTEXT("command " << i << ", killed at moment "
                                  << static_cast<int>(commands[i].killed)) {
      BOOST_REQUIRE(!one.results.empty());
      for (const auto& body : one.results) BOOST_TEST(body == one.results.front());
      const auto when = commands[i].killed;
      const bool interrupted = is_interrupted(one);
      // What had not run yet runs in a later life, where another kill may come between.
      if (when == moment::after_start || when == moment::before_end) BOOST_TEST(interrupted);
      if (when >= moment::after_end) BOOST_TEST(!interrupted, one.results.front());
      BOOST_TEST(runs(i) <= 1U);
      if (!interrupted) BOOST_TEST(runs(i) == 1U);
      if (when <= moment::before_start) late_runs += runs(i);
      ran += runs(i);
      interruptions += interrupted ? 1 : 0;
      repeated += one.results.size() - 1;
    }
  }
  std::cout << all.size() << " kills, " << ran << " runs, " << interruptions << " interrupted, "
            << repeated << " reported again\n";
  BOOST_TEST(repeated > 0U);
  BOOST_TEST(late_runs > 0U);
}

/// The queue gives it to nobody else, and will show it as running: that is its contract. But it
/// has not run.
BOOST_AUTO_TEST_CASE(what_was_lost_with_the_answer_to_a_poll_never_runs) {
  for (int n = 0; n < 3; ++n) kill_at(moment::before_receipt);
  kill_at(moment::after_receipt);
  settle_all();
  for (std::size_t i = 0; i < 3; ++i) BOOST_TEST(runs(i) == 0U);
  BOOST_TEST(runs(3) == 1U);
}

/// What these tests look for would be seen.
BOOST_AUTO_TEST_CASE(without_a_written_start_a_command_does_run_twice) {
  kill_at(moment::unwritten_start);
  settle_all();
  BOOST_TEST(runs(0) == 2U);
}

BOOST_AUTO_TEST_SUITE_END()

int main(int count, char* words[]) {
  if (count == 6 && std::string_view{words[1]} == "live")
    live(words[2], words[3], static_cast<moment>(std::stoi(words[4])), words[5]);
  return boost::unit_test::unit_test_main(&init_unit_test, count, words);
}
