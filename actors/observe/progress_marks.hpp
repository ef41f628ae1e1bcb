#pragma once

#include "messages/sample.hpp"

#include <atomic>
#include <chrono>
#include <optional>

namespace reflector {

/// Signs of life that the watchdog looks at. Written by actors, read by its thread.
class progress_marks {
 public:
  struct reading {
    std::optional<monotonic_time> supervisor_alive;  ///< its last sign of life
    std::optional<monotonic_time> tick_due;          ///< when the next tick is due
    std::optional<monotonic_time> spool_busy_since;  ///< the call that the spool is in
    bool spool_known = false;                        ///< open, or known not to be openable now
  };

  /// The supervisor handled a timer of its own, so the scheduler and its clock run.
  void supervisor_alive(monotonic_time now) { store(alive_, now); }
  /// @param next when the next tick is due
  void tick_issued(monotonic_time now, monotonic_time next) {
    supervisor_alive(now);
    store(tick_due_, next);
  }

  /// Around everything that the spool asks of the disk.
  void spool_began(monotonic_time now) { store(busy_since_, now); }
  void spool_ended() {
    busy_since_.store(none, std::memory_order_relaxed);
    spool_known_.store(true, std::memory_order_release);
  }

  reading read() const {
    return {load(alive_), load(tick_due_), load(busy_since_),
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

  std::atomic<count> alive_{none}, tick_due_{none}, busy_since_{none};
  std::atomic<bool> spool_known_{false};
};

}  // namespace reflector
