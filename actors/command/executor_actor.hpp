#pragma once

#include "actors/command/command_gate.hpp"
#include "actors/command/process_launcher.hpp"
#include "messages/interfaces.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include <caf/fwd.hpp>

namespace reflector {

class status_board;

/// Commands that may wait for a place to run in.
inline constexpr std::size_t max_waiting_commands = 32;
/// Commands whose answer the reporter has not settled, those refused for want of room included.
inline constexpr std::size_t max_commands_in_hand = 256;

struct executor_dependencies {
  process_launcher& launcher;  ///< must outlive the actor, and be destroyed before the actor system
  supervisor_actor supervisor;  ///< grants a budget::command permit for each start
  journal_actor journal;        ///< knows of each step before it is taken
  reporter_actor reporter;      ///< a command keeps its place until this has answered
  std::shared_ptr<const command_gate> gate;
  std::string queue;  ///< its name in journal and audit log
  unsigned concurrent = 4;
  std::function<wall_time()> wall_now = [] { return std::chrono::system_clock::now(); };
  status_board* board = nullptr;  ///< null: nobody is told
  std::string policy = {};        ///< for the board: as in the configuration
};

/// Begins with what an earlier life has left open: what had only been received is decided anew and
/// run, what had started is answered as interrupted, what had ended is reported. There is no room
/// for more before that, nor while the journal can't be written.
///
/// On stop: takes no more commands, answers those that wait, cancels those that run, and ends when
/// the reporter has answered for each, or after 1.3 s.
executor_actor spawn_executor(caf::actor_system& system, executor_dependencies dependencies);

}  // namespace reflector
