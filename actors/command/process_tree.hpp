#pragma once

#include "actors/command/process_launcher.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <sys/types.h>
#include <vector>

namespace reflector {

// Processes and what they have started, as /proc has them.

struct looked_at_process {
  char state = '?';  ///< 'Z': it has ended and waits to be reaped
  pid_t parent = 0, session = 0;
  std::uint64_t start_ticks = 0;
};
std::optional<looked_at_process> look_at_process(pid_t pid);

/// Nothing where there is no such process, or it has ended and only waits to be reaped.
std::optional<process_identity> identity_of(pid_t pid);

/// Whether it still runs.
bool is_running(const process_identity& process);

/// Those that have ended and wait to be reaped too.
std::vector<pid_t> children_of(pid_t pid);

/// Sends a signal to these and to all below them.
void signal_trees(const std::vector<pid_t>& roots, int number);

/// What is to be ended, and how its end is taken note of.
struct process_trees {
  std::function<std::vector<pid_t>()> roots;  ///< asked again and again: they may change
  std::function<void()> reap;                 ///< must not block
};

/// Kills all of them and everything below, also what goes on starting others meanwhile: first all
/// are stopped, until no new one appears.
/// @return whether none is left; false at `deadline`
bool end_trees(const process_trees& trees, std::chrono::steady_clock::time_point deadline);

}  // namespace reflector
