#pragma once

#include "actors/os/unique_descriptor.hpp"

#include <string>
#include <sys/types.h>
#include <vector>

namespace reflector {

/// A process that was started, as its parent holds it. Somebody must reap the pid.
struct spawned_process {
  int error = 0;   ///< errno of what failed; then nothing else is set
  pid_t pid = -1;  ///< also the number of its process group and session
  unique_descriptor standard_output, standard_error;  ///< read ends, non-blocking
};

/// Starts argv[0] (looked up in PATH when it has no slash) as child_process.hpp describes. Returns
/// after the exec succeeded or failed.
spawned_process spawn_process(const std::vector<std::string>& argv);

}  // namespace reflector
