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

  /// One measurement; doesn't block, but for what the kernel answers from memory. Rates are over
  /// the time since the previous call; the first call has none. "Nothing there to read" (no
  /// sensors, no disks) is an empty reading, not a fault.
  virtual result<reading> measure(monotonic_time now) = 0;

  /// Called before each measurement: asks others for what can't be had at once.
  /// @return how long to wait before measure() for the answers; zero: there is nothing to wait for
  virtual std::chrono::milliseconds prepare(monotonic_time now) {
    (void)now;
    return {};
  }

  /// An answer that prepare() asked for is still to come: it is neither there nor given up.
  virtual bool is_waiting(monotonic_time now) {
    (void)now;
    return false;
  }
};

}  // namespace reflector
