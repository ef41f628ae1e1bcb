#pragma once

#include "actors/command/keeper_protocol.hpp"
#include "actors/command/user_account.hpp"

#include <optional>
#include <string>
#include <sys/types.h>

namespace reflector {

/// A command's first process, or why there is none.
struct first_process {
  pid_t pid = -1;     ///< also the number of its process group and session
  int error = 0;      ///< errno of what failed; then there is no process
  std::string wrong;  ///< what failed, for people; empty where it was the exec
};

/// Forks and executes what the order says, with the descriptors 1 and 2 of this process, /dev/null
/// as the standard input and no others, as child_process.hpp describes. Returns after the exec
/// succeeded or failed. To be called where there is one thread.
/// @param account whom to run as; null: whoever this process runs as
/// @param cgroup_members to join (command_cgroup.hpp), or -1
first_process start_first_process(const keeper_order& order, const user_account* account,
                                  int cgroup_members);

}  // namespace reflector
