#pragma once

#include "messages/fault.hpp"
#include "messages/sample.hpp"

namespace reflector {

/// Measures one concept of the host. Plain code: the actor around it (collector_actor.hpp) brings
/// ticks, deadlines and restarts. An instance is used by one thread at a time and may keep state
/// between calls (open descriptors, the counters of the previous reading).
class collector {
 public:
  collector() = default;
  collector(const collector&) = delete;
  collector& operator=(const collector&) = delete;
  virtual ~collector() = default;

  /// One measurement. Rates are over the time since the previous call; the first call has none.
  /// "Nothing there to read" (no sensors, no disks) is an empty reading, not a fault.
  virtual result<reading> measure(monotonic_time now) = 0;

  /// Whether measure(), as things are now, may wait for a device or a file server that never
  /// answers. Asked before each measurement; must not block itself.
  virtual bool may_block(monotonic_time now) {
    (void)now;
    return false;
  }
};

}  // namespace reflector
