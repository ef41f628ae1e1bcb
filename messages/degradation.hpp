#pragma once

#include <cstdint>
#include <string_view>

namespace reflector {

/// What made the agent measure less than it is configured to.
enum class strain : std::uint8_t {
  none,
  backlog,  ///< what waits in the spool has passed limits.backlog_high_water
  cpu,      ///< the agent's own has passed limits.max_cpu_percent
  memory,   ///< the agent's own has passed limits.max_memory
};

/// As the samples and the log call it.
inline constexpr std::string_view name_of(strain why) {
  switch (why) {
    case strain::none:
      return "none";
    case strain::backlog:
      return "backlog";
    case strain::cpu:
      return "cpu";
    case strain::memory:
      return "memory";
  }
  return "none";
}

/// How much less is measured. In the order in which it is given up:
///
///   0  all, as configured
///   1  no process list
///   2  and disks and sensors once a minute at the most
///   3  only what EGO requires: cpu, load, memory and host
///
/// What is not measured is left out of the samples, but for disks and sensors at level 2, whose
/// last reading is repeated.
struct degraded {
  static constexpr unsigned max_level = 3;

  unsigned level = 0;
  strain reason = strain::none;  ///< of the last step up

  friend bool operator==(const degraded&, const degraded&) = default;
};

}  // namespace reflector
