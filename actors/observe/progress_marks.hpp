#pragma once

#include "messages/sample.hpp"

#include <atomic>
#include <chrono>
#include <optional>

namespace reflector {

/// Signs of life that the watchdog looks at (watchdog.hpp). Written by actors, read by its thread.
class progress_marks {
 public:
  struct reading {
    /// By when the supervisor is to handle its next timer; absent: it has not begun.
    std::optional<monotonic_time> supervisor_due;
    std::optional<monotonic_time> tick_due;          ///< when the next tick is to be issued
    std::optional<monotonic_time> spool_busy_since;  ///< the call to the disk that it is in
    bool spool_known = false;  ///< it is open, or is known not to be openable just now
  };

  /// The supervisor handled a timer of its own, so the scheduler and its clock run.
  /// @param next when the next one is due
  void supervisor_alive(monotonic_time next) { store(supervisor_due_, next); }
  /// A tick was issued, all children having been started before the first.
  void tick_issued(monotonic_time next) { store(tick_due_, next); }

  /// Around everything that the spool asks of the disk.
  void spool_began(monotonic_time now) { store(busy_since_, now); }
  void spool_ended() {
    busy_since_.store(none, std::memory_order_relaxed);
    spool_known_.store(true, std::memory_order_release);
  }

  reading read() const {
    return {load(supervisor_due_), load(tick_due_), load(busy_since_),
            spool_known_.load(std::memory_order_acquire)};
  }

 private:
  using count = monotonic_time::rep;
  static constexpr count none = 0;

  static void store(std::atomic<count>& to, monotonic_time at) {
    to.store(at.time_since_epoch().count(), std::memory_order_relaxed);
  }
  static std::optional<monotonic_time> load(const std::atomic<count>& from) {
    const count at = from.load(std::memory_order_relaxed);
    if (at == none) return std::nullopt;
    return monotonic_time{monotonic_time::duration{at}};
  }

  std::atomic<count> supervisor_due_{none}, tick_due_{none}, busy_since_{none};
  std::atomic<bool> spool_known_{false};
};

}  // namespace reflector
