#pragma once

#include "actors/command/process_launcher.hpp"

#include <chrono>
#include <memory>

namespace reflector {

struct child_process_options {
  std::chrono::milliseconds timeout_grace{1000};  ///< between SIGTERM and SIGKILL after a time-out
  std::chrono::milliseconds cancel_grace{500};    ///< the same after a cancel
  /// How long output is still read after the process ended while a descendant keeps its pipes open.
  std::chrono::milliseconds drain{500};
  /// How long to wait for a process that SIGKILL does not end (stuck in the kernel) before it is
  /// given up.
  std::chrono::milliseconds kill_patience{2000};
  bool use_pidfd =
      true;  ///< false: look for the end every 20 ms, as is done where Linux is older than 5.3
};

/// Starts real processes with posix_spawnp, one thread with a small stack per running process.
///
/// A process gets a session and process group of its own, /dev/null as standard input, an empty
/// signal mask, default signal dispositions and no other descriptor of the agent's. At a time-out
/// or a cancel its whole group gets SIGTERM and after the grace SIGKILL; only descendants that made
/// themselves a group of their own escape. Descendants that a process leaves behind when it ends by
/// itself are not touched.
///
/// Where no thread can be made, `done` is called from `launch` itself, with `not_started` and the
/// errno. The agent must not ignore SIGCHLD (to block it is fine): an ignored one takes the exit
/// status away.
std::unique_ptr<process_launcher> make_child_process_launcher(child_process_options options = {});

}  // namespace reflector
