#include "actors/observe/watchdog_judgement.hpp"

namespace reflector {
namespace {

std::string late_by(monotonic_time::duration late) {
  return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(late).count()) + " s";
}

}  // namespace

std::optional<std::string> stalled(const progress_marks::reading& marks, monotonic_time now,
                                   const watchdog_limits& limits) {
  if (marks.supervisor_due && now - *marks.supervisor_due > limits.patience)
    return "the supervisor is late by " + late_by(now - *marks.supervisor_due);
  if (marks.tick_due && now - *marks.tick_due > limits.patience)
    return "a tick is late by " + late_by(now - *marks.tick_due);
  if (marks.spool_busy_since && now - *marks.spool_busy_since > limits.spool_patience)
    return "the spool waits for its disk for " + late_by(now - *marks.spool_busy_since);
  return std::nullopt;
}

bool has_started(const progress_marks::reading& marks, monotonic_time now,
                 const watchdog_limits& limits) {
  if (!marks.supervisor_due || !marks.tick_due) return false;
  return marks.spool_known ||
         (marks.spool_busy_since && now - *marks.spool_busy_since > limits.patience);
}

}  // namespace reflector
