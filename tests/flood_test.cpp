#include "actors/command/executor_actor.hpp"
#include "actors/command/journal_actor.hpp"
#include "actors/deliver/batcher.hpp"
#include "actors/observe/console.hpp"
#include "actors/observe/own_usage.hpp"
#include "actors/supervise/supervisor.hpp"
#include "tests/agent_process.hpp"
#include "tests/command_actors_fixture.hpp"
#include "tests/memory_journal.hpp"
#include "tests/virtual_time.hpp"

#include <condition_variable>
#include <cstdlib>
#include <fcntl.h>
#include <memory>
#include <mutex>
#include <string>
#include <unistd.h>
#include <vector>

#include <boost/test/unit_test.hpp>
#include <caf/actor_cast.hpp>
#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

// A million of everything that one actor sends another, where the other does nothing with it: what
// the process takes meanwhile stays within a bound. A mailbox that took them all would hold some
// 150 MB or more.

using namespace reflector;
using namespace std::chrono_literals;

namespace {

// The sanitizers make each message several times as slow, and keep freed memory for a while.
constexpr std::uint64_t flood = sanitized ? 100'000 : 1'000'000;
constexpr std::uint64_t bound =
    sanitized ? 1 << 30 : 32 << 20;  ///< bytes, several times what is measured

/// How much more memory the process has than when this was made.
class growth {
 public:
  std::uint64_t bytes() const {
    const auto now = reader_.read().resident_bytes;
    return now > before_ ? now - before_ : 0;
  }

 private:
  own_usage_reader reader_;
  std::uint64_t before_ = reader_.read().resident_bytes;
};

/// What a hung actor waits at. Shared with it: it may still be on its way out of wait() when the
/// test that opened the gate has ended.
class gate {
 public:
  void wait() {
    std::unique_lock lock{mutex_};
    opened_.wait(lock, [this] { return is_open_; });
  }
  void open() {
    const std::lock_guard lock{mutex_};
    is_open_ = true;
    opened_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable opened_;
  bool is_open_ = false;
};

/// Never returns from its first tick. On a thread of its own, as a collector that may block.
class hung_child final : public ticked_actor::base {
 public:
  hung_child(caf::actor_config& config, std::shared_ptr<gate> closed)
      : ticked_actor::base(config), closed_(std::move(closed)) {}
  behavior_type make_behavior() override {
    return {[this](stop_atom) { quit(); }, [this](const tick&) { closed_->wait(); }};
  }

 private:
  std::shared_ptr<gate> closed_;
};

class hung_console final : public console_actor::base {
 public:
  hung_console(caf::actor_config& config, std::shared_ptr<gate> closed)
      : console_actor::base(config), closed_(std::move(closed)) {}
  behavior_type make_behavior() override {
    return {[this](stop_atom) { quit(); },
            [this](const std::shared_ptr<const sample>&) { closed_->wait(); }};
  }

 private:
  std::shared_ptr<gate> closed_;
};

/// Has an answer to its first question and to nothing else.
class silent_spool final : public spool_actor::base {
 public:
  explicit silent_spool(caf::actor_config& config) : spool_actor::base(config) {}
  behavior_type make_behavior() override {
    return {[this](stop_atom) { quit(); },
            [this](const commit&) {
              return open_.emplace_back(
                  make_response_promise<caf::typed_response_promise<commit_receipt>>());
            },
            [](last_atom) { return commit_receipt{}; },
            [](const next_records&) { return record_slice{}; },
            [](const dead_letter&) { return dead_letter_receipt{}; },
            [](const configuration_ptr&) {}};
  }
  void on_exit() override { open_.clear(); }

 private:
  std::vector<caf::typed_response_promise<commit_receipt>> open_;
};

class silent_reporter final : public reporter_actor::base {
 public:
  explicit silent_reporter(caf::actor_config& config) : reporter_actor::base(config) {}
  behavior_type make_behavior() override {
    return {[this](stop_atom) { quit(); },
            [this](const command_report&) {
              return open_.emplace_back(
                  make_response_promise<caf::typed_response_promise<report_receipt>>());
            }};
  }
  void on_exit() override { open_.clear(); }

 private:
  std::vector<caf::typed_response_promise<report_receipt>> open_;
};

class silent_supervisor final : public supervisor_actor::base {
 public:
  explicit silent_supervisor(caf::actor_config& config) : supervisor_actor::base(config) {}
  behavior_type make_behavior() override {
    return {[this](stop_atom) { quit(); },
            [this](const permit_request&) {
              return open_.emplace_back(
                  make_response_promise<caf::typed_response_promise<std::chrono::nanoseconds>>());
            },
            [](permit_return) {}};
  }
  void on_exit() override { open_.clear(); }

 private:
  std::vector<caf::typed_response_promise<std::chrono::nanoseconds>> open_;
};

/// A million ticks of the real supervisor to a child that hangs in its first.
std::uint64_t growth_by_ticks(std::optional<collector_id> collects) {
  virtual_time time;
  const auto closed = std::make_shared<gate>();
  child_spec spec;
  spec.name = "hung";
  spec.replace_when_hung = false;
  spec.start = [&](const child_start& with) {
    const auto handle = with.system.spawn<hung_child, caf::detached>(closed);
    return started_child{caf::actor_cast<child_actor>(handle), handle, collects};
  };
  supervisor_settings settings;
  settings.interval = 100ms;
  settings.reading_deadline = 80ms;
  settings.wall_now = [] { return wall_time{}; };
  auto supervisor = spawn_supervisor(time.system(), {{}, {spec}}, std::move(settings));
  const growth more;
  for (std::uint64_t n = 0; n < flood; ++n) {
    time.sched().advance_time(100ms);
    time.run();
  }
  const auto bytes = more.bytes();
  closed->open();
  caf::anon_send(supervisor, stop_atom{});
  time.advance(6s);
  return bytes;
}

struct batcher_that_is_flooded {
  virtual_time time;
  configuration config;
  spool_actor spool = time.system().spawn<silent_spool>();
  batcher_actor batcher;

  batcher_that_is_flooded() {
    for (auto& each : config.collectors.each) each.enabled = false;
    config.collectors.of(collector_id::cpu).enabled = true;
  }

  void start(console_actor console) {
    batcher = spawn_batcher(time.system(), config, {"id", "boot"}, spool, std::move(console));
    time.run();
  }

  /// A million ticks, and a reading for each.
  void run() {
    for (std::uint64_t n = 1; n <= flood; ++n) {
      tick now;
      now.number = n;
      now.deadline = time.now() + 4s;
      caf::anon_send(batcher, now);
      caf::anon_send(batcher, measured{n, collector_id::cpu,
                                       std::make_shared<const result<reading>>(
                                           cpu_reading{5.0, std::vector<double>(8), {}, {}})});
      time.run();
    }
  }

  ~batcher_that_is_flooded() {
    caf::anon_send_exit(batcher, caf::exit_reason::kill);
    caf::anon_send_exit(spool, caf::exit_reason::kill);
    time.run();
  }
};

}  // namespace

BOOST_AUTO_TEST_CASE(ticks_to_a_collector_that_hangs) {
  BOOST_TEST(growth_by_ticks(collector_id::disk) < bound);
}

BOOST_AUTO_TEST_CASE(ticks_to_a_batcher_that_hangs) {
  BOOST_TEST(growth_by_ticks(std::nullopt) < bound);
}

BOOST_FIXTURE_TEST_CASE(readings_and_samples_to_a_spool_that_does_not_answer,
                        batcher_that_is_flooded) {
  start(console_actor{});
  const growth more;
  run();
  BOOST_TEST(more.bytes() < bound);
}

BOOST_FIXTURE_TEST_CASE(samples_to_a_console_that_hangs, batcher_that_is_flooded) {
  const auto closed = std::make_shared<gate>();
  auto console = time.system().spawn<hung_console, caf::detached>(closed);
  start(console);
  const growth more;
  run();
  BOOST_TEST(more.bytes() < bound);
  closed->open();
  caf::anon_send_exit(console, caf::exit_reason::kill);
}

/// Nobody reads the terminal's other end. Without a descriptor of its own that does not block, the
/// console would stand still in the middle of the last line that fits, and this test with it.
BOOST_AUTO_TEST_CASE(lines_to_a_terminal_that_takes_nothing) {
  const int master = ::posix_openpt(O_RDWR | O_NOCTTY);
  BOOST_REQUIRE(master >= 0);
  BOOST_REQUIRE(::grantpt(master) == 0);
  BOOST_REQUIRE(::unlockpt(master) == 0);
  const int terminal = ::open(::ptsname(master), O_RDWR | O_NOCTTY);
  BOOST_REQUIRE(terminal >= 0);
  virtual_time time;
  auto console = spawn_console(time.system(), terminal);
  const auto shown = std::make_shared<const sample>();
  const growth more;
  for (std::uint64_t n = 0; n < flood; ++n) {
    caf::anon_send(console, shown);
    time.run();
  }
  BOOST_TEST(more.bytes() < bound);
  // The shell's descriptor is as it was.
  BOOST_TEST((::fcntl(terminal, F_GETFL) & O_NONBLOCK) == 0);
  char text[64]{};
  BOOST_TEST(::read(master, text, sizeof text - 1) > 0);
  BOOST_TEST(std::string{text}.find("cpu") != std::string::npos);
  caf::anon_send(console, stop_atom{});
  time.run();
  ::close(terminal);
  ::close(master);
}

BOOST_AUTO_TEST_CASE(commands_to_an_executor_that_gets_rid_of_none) {
  virtual_time time;
  fake_launcher launcher;
  auto supervisor = time.system().spawn<silent_supervisor>();
  auto reporter = time.system().spawn<silent_reporter>();
  journal_memory disk;
  auto journal = spawn_journal(time.system(),
                               {[&]() -> result<std::unique_ptr<command_journal>> {
                                  return std::make_unique<memory_journal>(disk);
                                },
                                std::make_unique<memory_audit_log>(disk), launcher, "boot"},
                               false);
  executor_dependencies with{
      launcher, supervisor, journal, reporter, std::make_shared<const fake_gate>(), "ego"};
  auto executor = spawn_executor(time.system(), with);
  time.run();
  const growth more;
  for (std::uint64_t n = 0; n < flood; n += 5) {
    std::vector<command> five;
    for (std::uint64_t i = n; i < n + 5; ++i)
      five.push_back({"command-number-" + std::to_string(i), "true", std::nullopt});
    caf::anon_send(executor, std::move(five));
    time.run();
  }
  BOOST_TEST(more.bytes() < bound);
  BOOST_TEST(launcher.launches.empty());
  caf::anon_send_exit(executor, caf::exit_reason::kill);
  caf::anon_send_exit(reporter, caf::exit_reason::kill);
  caf::anon_send_exit(supervisor, caf::exit_reason::kill);
  caf::anon_send_exit(journal, caf::exit_reason::kill);
  with.supervisor = nullptr;
  with.journal = nullptr;
  with.reporter = nullptr;
  time.run();
}
