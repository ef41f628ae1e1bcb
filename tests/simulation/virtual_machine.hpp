#pragma once

#include "tests/simulation/event_queue.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <caf/actor_control_block.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scheduler/test_coordinator.hpp>

namespace reflector::simulation {

/// Runs actors and the events around them in virtual time, one message after the other. Knows every
/// actor there is, so that it can take their lives at any moment, as the end of a process does.
class virtual_machine {
 public:
  virtual_machine();
  virtual_machine(const virtual_machine&) = delete;
  virtual_machine& operator=(const virtual_machine&) = delete;
  ~virtual_machine();

  caf::actor_system& system() { return *system_; }
  event_queue& events() { return events_; }
  time_point now() const { return clock_->current_time; }
  std::int64_t now_ms() const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(now().time_since_epoch()).count();
  }

  /// Time passes while an actor is at work, or while the machine is suspended.
  void pass(std::chrono::milliseconds span) { clock_->current_time += span; }

  void run_until(time_point end);

  /// After so many more messages, between two of them. A later one takes the place of an earlier.
  void after_steps(std::uint64_t steps, std::function<void()> what);

  /// Ends one of the agent's actors as a bug of its would: the n-th of those that are there,
  /// counted round. @return its name; empty where there is none
  std::string crash(std::uint64_t n);
  /// The one of that name that was started last.
  void crash_newest(const std::string& name);

  /// Told the name of each of the agent's actors before its first message.
  std::function<void(std::string_view)> on_start;

  /// All actors are gone, and the messages and timers with them. The world must not listen to them
  /// any more.
  void end_all_actors();

  std::uint64_t messages() const { return messages_; }
  std::size_t most_timers() const { return most_timers_; }

 private:
  void run_messages();
  void note_actor();
  void forget_dead_actors();
  static void crash(const caf::weak_actor_ptr& victim);

  std::unique_ptr<caf::actor_system_config> config_;
  std::unique_ptr<caf::actor_system> system_;
  caf::scheduler::test_coordinator* sched_ = nullptr;
  caf::detail::test_actor_clock* clock_ = nullptr;
  event_queue events_;
  std::vector<bool> is_known_;               ///< by actor id
  std::vector<caf::weak_actor_ptr> actors_;  ///< the agent's, in the order of their start
  std::uint64_t messages_ = 0;
  std::size_t most_timers_ = 0;
  std::uint64_t steps_left_ = 0;
  std::function<void()> after_steps_;
};

}  // namespace reflector::simulation
