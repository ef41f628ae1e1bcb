#pragma once

#include "messages/degradation.hpp"
#include "messages/fault.hpp"
#include "messages/sample.hpp"

#include <bitset>
#include <cstdint>
#include <memory>

namespace reflector {

/// Some of the collectors, by collector_id.
using collector_set = std::bitset<collector_names.size()>;

/// The pacer's beat. Tick 0 only lets collectors take the first of the two readings that a rate
/// needs.
struct tick {
  std::uint64_t number = 0;
  monotonic_time
      at;          ///< when it was issued; rates are computed over the difference of two of these
  wall_time wall;  ///< the sample's timestamp
  monotonic_time deadline;     ///< a reading that arrives later is left out
  std::uint64_t restarts = 0;  ///< of actors, since the agent started
  /// Who measures now. The sample repeats the last reading of the others, but for those that are
  /// left out of it.
  collector_set due = collector_set{}.set();
  collector_set left_out{};
  degraded less{};  ///< why some are
};

/// A collector's answer to one tick: a reading, or why there is none.
struct measured {
  std::uint64_t tick = 0;
  collector_id from = collector_id::cpu;
  std::shared_ptr<const result<reading>> outcome;
};

}  // namespace reflector
