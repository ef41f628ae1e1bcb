#include "actors/command/executor_actor.hpp"

#include "actors/command/command_outcome.hpp"
#include "actors/command/shell_words.hpp"
#include "actors/supervise/child_behavior.hpp"
#include "actors/text/quoted.hpp"

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <caf/actor_system.hpp>
#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <spdlog/spdlog.h>

namespace reflector {

struct process_ended {
  std::string id;
  std::shared_ptr<const process_outcome> outcome;
};

}  // namespace reflector

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(reflector::process_ended)

namespace reflector {
namespace {

using std::chrono::milliseconds;
using ask_atom = caf::atom_constant<caf::atom("ask")>;
using start_atom = caf::atom_constant<caf::atom("start")>;
using give_up_atom = caf::atom_constant<caf::atom("giveup")>;

constexpr milliseconds stop_patience{1300};  // below its stop_deadline in agent.cpp
constexpr milliseconds permit_retry{1000};

using executor_self = executor_actor::extend<
    // A command's process has ended, or could not be started.
    caf::reacts_to<process_ended>,
    // Ask for a permit again, after the supervisor did not answer the last time.
    caf::reacts_to<ask_atom>,
    // The wait that a permit asked for is over.
    caf::reacts_to<start_atom>,
    // The time to stop in is over.
    caf::reacts_to<give_up_atom>>;

struct waiting_command {
  std::string id;
  std::vector<std::string> words;
  milliseconds timeout;
};

/// Every command that was ever taken: those in hand, and the last ones that are done with.
class known_commands {
 public:
  /// False when it was known.
  bool add(const std::string& id) { return !done_.contains(id) && in_hand_.insert(id).second; }

  void done(const std::string& id) {
    in_hand_.erase(id);
    if (!done_.insert(id).second) return;
    order_.push_back(id);
    if (order_.size() <= remembered_commands) return;
    done_.erase(order_.front());
    order_.pop_front();
  }

  std::size_t in_hand() const { return in_hand_.size(); }

 private:
  std::set<std::string> in_hand_, done_;
  std::deque<std::string> order_;
};

class executor final : public executor_self::base {
 public:
  executor(caf::actor_config& config, executor_dependencies dependencies)
      : executor_self::base{config}, with_{std::move(dependencies)} {}

  behavior_type make_behavior() override {
    behave_as_child(*this);
    return {
        [this](stop_atom) { stop(); },
        [this](room_atom) { return command_room{free_places()}; },
        [this](const std::vector<command>& commands) { take(commands); },
        [this](const process_ended& ended) { process_has_ended(ended); },
        [this](ask_atom) { ask_permit(); },
        [this](start_atom) { start_next(); },
        [this](give_up_atom) { give_up(); },
    };
  }

  const char* name() const override { return "executor"; }

  void on_exit() override {
    // Ended by a failure: what it has started would run beside what its successor starts. At a stop
    // they have been cancelled, and the launcher may be gone by now.
    if (!stopping_)
      for (const auto& [id, launch] : running_) with_.launcher.cancel(launch);
    with_.supervisor = nullptr;
    with_.reporter = nullptr;
  }

 private:
  std::size_t free_places() const {
    const auto places = max_waiting_commands + with_.concurrent;
    return stopping_ || known_.in_hand() >= places ? 0 : places - known_.in_hand();
  }

  void take(const std::vector<command>& commands) {
    for (const auto& one : commands) take(one);
    want_permit();
  }

  void take(const command& one) {
    const auto room = free_places();
    // Only a queue that ignores what room was asked for comes this far.
    if (known_.in_hand() >= max_commands_in_hand) {
      if (forgotten_++ == 0)
        spdlog::error("more than {} commands are in hand: more of them are not even answered",
                      max_commands_in_hand);
      return;
    }
    if (!known_.add(one.id)) {
      spdlog::info("command {} was delivered again and is not run again", quoted(one.id));
      return;
    }
    if (stopping_) return report(interrupted(one.id));
    if (with_.policy == command_policy::deny)
      return report(not_run(one.id, std::string{denied_text}));
    if (room == 0)
      return report(not_run(one.id, "not run: too many commands are waiting on this host"));
    auto words = shell_words(one.line);
    if (!words) return report(not_run(one.id, "not run: " + words.error().text));
    if (words->empty()) return report(not_run(one.id, "not run: the command is empty"));
    waiting_.push_back({one.id, std::move(*words), one.timeout.value_or(with_.timeout)});
  }

  // One permit is asked for at a time, when there is a command and a place for it.

  void want_permit() {
    if (asking_ || stopping_ || waiting_.empty() || running_.size() >= with_.concurrent) return;
    asking_ = true;
    ask_permit();
  }

  void ask_permit() {
    if (stopping_) return;
    request(with_.supervisor, caf::infinite, permit_request{budget::command})
        .then(
            [this](std::chrono::nanoseconds wait) {
              if (wait.count() <= 0) return start_next();
              delayed_send(this, wait, start_atom::value);
            },
            [this](const caf::error&) { delayed_send(this, permit_retry, ask_atom::value); });
  }

  void start_next() {
    asking_ = false;
    if (stopping_ || waiting_.empty()) return;
    auto next = std::move(waiting_.front());
    waiting_.pop_front();
    // The program alone: its arguments may hold secrets.
    spdlog::info("command {} starts {}", quoted(next.id), quoted(next.words.front()));
    process_request wanted;
    wanted.argv = std::move(next.words);
    wanted.timeout = next.timeout;
    wanted.max_output_bytes = with_.max_output_bytes;
    auto on_end = [self = executor_self{this}, id = next.id](process_outcome outcome) {
      caf::anon_send(
          self, process_ended{id, std::make_shared<const process_outcome>(std::move(outcome))});
    };
    running_[next.id] = with_.launcher.launch(std::move(wanted), std::move(on_end));
    want_permit();
  }

  void process_has_ended(const process_ended& ended) {
    if (running_.erase(ended.id) == 0) return;
    report(result_of(ended.id, *ended.outcome, with_.max_output_bytes));
    want_permit();
  }

  void report(const command_result& result) {
    request(with_.reporter, caf::infinite, result)
        .then([this, id = result.id](const std::string&) { reported(id); },
              [this, id = result.id](const caf::error&) {
                spdlog::error("the result of command {} is lost: its reporter ended", quoted(id));
                reported(id);
              });
  }

  void reported(const std::string& id) {
    known_.done(id);
    end_if_done();
  }

  void stop() {
    if (stopping_) return;
    stopping_ = true;
    for (const auto& one : std::exchange(waiting_, {})) report(interrupted(one.id));
    for (const auto& [id, launch] : running_) with_.launcher.cancel(launch);
    delayed_send(this, stop_patience, give_up_atom::value);
    end_if_done();
  }

  void end_if_done() {
    if (stopping_ && known_.in_hand() == 0) quit();
  }

  void give_up() {
    for (const auto& [id, launch] : running_) caf::anon_send(with_.reporter, interrupted(id));
    quit();
  }

  executor_dependencies with_;
  known_commands known_;
  std::deque<waiting_command> waiting_;
  std::map<std::string, std::uint64_t> running_;  ///< the launch by the command's id
  std::uint64_t forgotten_ = 0;  ///< commands that were not answered, there were too many
  bool asking_ = false;          ///< for a permit, or waiting as it said
  bool stopping_ = false;
};

}  // namespace

executor_actor spawn_executor(caf::actor_system& system, executor_dependencies dependencies) {
  return system.spawn<executor>(std::move(dependencies));
}

}  // namespace reflector
