#pragma once

#include "actors/command/process_launcher.hpp"

#include <chrono>
#include <optional>
#include <set>
#include <sys/types.h>

namespace reflector {

/// A keeper that was killed leaves what it kept to the next subreaper above it: the agent.
class orphans {
 public:
  /// From here on they fall to this process. Children that it has now, other than own_children,
  /// are none of them.
  orphans();

  /// Kills those that can be of this keeper, with all below them.
  /// @param session that of its command, if it had got that far
  /// @return whether none is left; false at `deadline`
  bool end_those_of(const process_identity& keeper, std::optional<pid_t> session,
                    std::chrono::steady_clock::time_point deadline) const;

 private:
  std::set<pid_t> there_before_;
};

}  // namespace reflector
