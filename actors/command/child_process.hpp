#pragma once

#include "actors/command/process_launcher.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace reflector {

struct child_process_options {
  std::chrono::milliseconds timeout_grace{1000};  ///< between SIGTERM and SIGKILL after a time-out
  /// The same after a cancel, and for what a process that ended by itself has left behind.
  std::chrono::milliseconds cancel_grace{500};
  /// How long what a process has left behind may still write after it ended.
  std::chrono::milliseconds drain{500};
  /// How long to wait for a process that SIGKILL does not end (stuck in the kernel) before it is
  /// given up.
  std::chrono::milliseconds kill_patience{2000};
  /// How long a keeper may take to get ready: it may have to ask a network who a user is.
  std::chrono::milliseconds ready_patience{10'000};
  bool use_cgroup = true;  ///< where it can be had
  /// The agent's binary and the hidden subcommand (command_keeper.hpp).
  std::vector<std::string> keeper{"/proc/self/exe", "command-keeper"};
};

/// Starts real processes, each below a keeper of its own (keeper_protocol.hpp), which is the
/// process that `ready` names; one thread with a small stack per launch.
///
/// A process gets a session and process group of its own, /dev/null as standard input, two pipes,
/// no other descriptor, an empty signal mask, default signal dispositions, the umask 077, the
/// limits asked for (never more than the agent's own hard ones) and the environment of the request
/// alone; another user's HOME, USER and LOGNAME with its uid, gid and groups, and none of the
/// capabilities. A failed step of that is a `not_started` with its errno and, unless it was the
/// exec, with `wrong`.
///
/// At a time-out or a cancel all that it has started gets SIGTERM and after the grace SIGKILL, also
/// what let go of its session and parent. So does, after the drain, what it leaves behind when it
/// ends by itself. Where the agent is killed, the keeper does so; where the keeper is, the agent
/// does, and the outcome is that signal.
///
/// Where no thread can be made, `done` is called from `prepare` itself, with `not_started` and the
/// errno. This process becomes a subreaper; it must not ignore SIGCHLD (to block it is fine).
std::unique_ptr<process_launcher> make_child_process_launcher(child_process_options options = {});

}  // namespace reflector
