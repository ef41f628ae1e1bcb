#pragma once

#include "actors/observe/progress_marks.hpp"

#include <chrono>
#include <optional>
#include <string>

// What the watchdog takes for progress:
//
//   scheduler   the supervisor handles its timers; it is late by no more than `patience`
//   pacer       ticks are issued; the next one is late by no more than `patience`
//   spool       it is not in one and the same call to its disk for longer than `spool_patience`
//
// The spool is given so much longer because a disk that stands still (a snapshot, a saturated
// array, a dead path of a multipath device) mostly comes back, and the agent works on meanwhile:
// samples wait in memory, within its bound, and would be lost by a restart. A scheduler that stands
// still does nothing at all any more.

namespace reflector {

struct watchdog_limits {
  std::chrono::nanoseconds patience = std::chrono::seconds{10};
  std::chrono::nanoseconds spool_patience = std::chrono::minutes{10};
};

/// What makes no progress, for people; nothing: all does.
std::optional<std::string> stalled(const progress_marks::reading& marks, monotonic_time now,
                                   const watchdog_limits& limits = {});

/// Whether the service is up: all actors started, and the spool open, or known not to be openable
/// just now. A spool that is in its opening for `patience` counts as known.
bool has_started(const progress_marks::reading& marks, monotonic_time now,
                 const watchdog_limits& limits = {});

}  // namespace reflector
