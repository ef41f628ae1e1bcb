#pragma once

#include "actors/command/process_launcher.hpp"
#include "config/commands_config.hpp"
#include "messages/interfaces.hpp"

#include <chrono>
#include <cstddef>

#include <caf/fwd.hpp>

namespace reflector {

/// Commands that may wait for a place to run in.
inline constexpr std::size_t max_waiting_commands = 32;
/// Commands whose answer the reporter has not settled, those refused for want of room included.
inline constexpr std::size_t max_commands_in_hand = 256;
/// How many ended commands are remembered, so that one that is delivered again is not run again.
inline constexpr std::size_t remembered_commands = 1000;

struct executor_dependencies {
  process_launcher& launcher;  ///< must outlive the actor, and be destroyed before the actor system
  supervisor_actor supervisor;  ///< grants a budget::command permit for each start
  reporter_actor reporter;      ///< a command keeps its place until this has answered
  command_policy policy = command_policy::deny;
  std::chrono::milliseconds timeout{30'000};  ///< of a command that brings none
  std::size_t max_output_bytes = 4096;        ///< kept of each stream
  unsigned concurrent = 4;
};

/// On stop: takes no more commands, cancels those that run, and ends when the reporter has answered
/// for each, or after 1.3 s.
executor_actor spawn_executor(caf::actor_system& system, executor_dependencies dependencies);

}  // namespace reflector
