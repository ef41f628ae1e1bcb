#pragma once

#include "config/limits_config.hpp"
#include "messages/degradation.hpp"
#include "messages/sample.hpp"

#include <chrono>
#include <cstdint>
#include <deque>

namespace reflector {

/// What the agent costs its host so far. Zeros where it could not be read.
struct own_usage {
  std::chrono::nanoseconds cpu{0};  ///< of all its threads, since it started
  std::uint64_t resident_bytes = 0;
};

/// Decides how much less to measure while the agent is beyond its budget. Looked at once a tick.
///
/// Up: the first step at once, each further one when it has been on a level for `patience` and is
/// still beyond. Down: one level at a time, when it has been below `relief` of every limit for as
/// long as `calm` says. Where that proves too early (beyond again within two calms) calm is
/// doubled, up to `longest_calm`, so that a strain that measuring itself makes does not flap.
class degradation {
 public:
  static constexpr std::chrono::seconds window{60};  ///< of the agent's CPU
  static constexpr std::chrono::seconds patience{30};
  static constexpr std::chrono::seconds first_calm{60};
  static constexpr std::chrono::seconds longest_calm{3600};
  static constexpr double relief = 0.8;

  explicit degradation(const limits_config& limits) : limits_(limits) {}

  /// Other limits from the next step on.
  void change(const limits_config& limits) { limits_ = limits; }

  /// @param backlog what waits, as a share of [spool] max_bytes
  degraded step(const own_usage& usage, double backlog, monotonic_time now);

  /// The hard limit was passed twice in a row: flush and start again.
  bool must_restart() const { return beyond_hard_ >= 2; }

  /// Over the window, or what there is of it; 0 before there are ten seconds.
  double cpu_percent() const { return cpu_percent_; }

 private:
  struct cpu_mark {
    monotonic_time at;
    std::chrono::nanoseconds cpu;
  };

  void note_cpu(std::chrono::nanoseconds cpu, monotonic_time now);
  strain beyond(const own_usage& usage, double backlog, double share) const;
  void go_up(strain why, monotonic_time now);
  void go_down(monotonic_time now);

  limits_config limits_;
  degraded now_;
  std::deque<cpu_mark> marks_;  ///< a second apart at least
  double cpu_percent_ = 0;
  unsigned beyond_hard_ = 0;
  monotonic_time level_since_;
  monotonic_time calm_since_;  ///< of the time below relief, while `is_calm_`
  bool is_calm_ = false;
  monotonic_time last_down_ = monotonic_time::min();
  std::chrono::seconds calm_ = first_calm;
};

}  // namespace reflector
