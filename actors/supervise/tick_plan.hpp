#pragma once

#include "actors/supervise/degradation.hpp"
#include "config/collectors_config.hpp"
#include "messages/tick.hpp"

#include <array>
#include <chrono>
#include <cstdint>

namespace reflector {

/// Which collectors take part in a tick: those whose own interval it is, less what degradation
/// takes away. Tick 0 (the baseline of rates) and tick 1 (the first sample) are everybody's.
class tick_plan {
 public:
  /// Between two measurements of disks and sensors, at the least, from level 2 on.
  static constexpr std::chrono::seconds degraded_interval{60};

  /// @param interval between ticks
  tick_plan(const collectors_config& collectors, std::chrono::milliseconds interval);

  /// Somebody was started anew and has no reading to repeat: the next tick is everybody's.
  void everyone_next() { everyone_ = true; }

  /// Fills in `due`, `left_out` and `less` of a tick.
  void complete(tick& beat, degraded less);

 private:
  bool everyone_ = true;
  std::array<bool, collector_names.size()> enabled_{};
  std::array<std::uint64_t, collector_names.size()> every_{};  ///< ticks
  std::uint64_t degraded_every_ = 1;                           ///< ticks
};

/// The interval in whole ticks: the nearest number, at least one.
std::uint64_t in_ticks(std::chrono::milliseconds interval, std::chrono::milliseconds tick);

}  // namespace reflector
