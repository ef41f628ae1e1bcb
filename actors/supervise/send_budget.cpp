#include "actors/supervise/send_budget.hpp"

#include <algorithm>

namespace reflector {

send_budget::send_budget(const endpoint_limits& limits, monotonic_time now)
    : requests_(limits.requests_per_second, std::max(1.0, 2 * limits.requests_per_second), now),
      samples_(limits.samples_per_second, std::max(1.0, limits.samples_per_second), now),
      bytes_(static_cast<double>(limits.bytes_per_second),
             static_cast<double>(limits.bytes_per_second), now) {}

std::chrono::nanoseconds send_budget::take(const permit_request& asked, monotonic_time now) {
  return std::max({requests_.take(1, now), samples_.take(static_cast<double>(asked.samples), now),
                   bytes_.take(static_cast<double>(asked.bytes), now)});
}

}  // namespace reflector
