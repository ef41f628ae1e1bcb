#pragma once

#include "actors/os/spawn_plan.hpp"

#include <string>
#include <sys/types.h>
#include <vector>

namespace reflector {

/// Starts one of the agent's own further processes, usually its own binary with a hidden
/// subcommand, which ps calls "reflector". It has the descriptors that the plan says and no
/// environment but the dynamic loader's, and is noted among own_children.
/// @param arguments the program (a path) and its arguments
/// @return an errno, or 0
int spawn_own_binary(pid_t& pid, const spawn_plan& plan, const std::vector<std::string>& arguments);

}  // namespace reflector
