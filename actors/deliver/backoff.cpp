#include "actors/deliver/backoff.hpp"

#include <algorithm>
#include <cstdint>

namespace reflector {

std::chrono::milliseconds full_jitter(unsigned attempt, std::chrono::milliseconds initial,
                                      std::chrono::milliseconds max, double random01) {
  const std::int64_t cap = std::max<std::int64_t>(max.count(), 0);
  std::int64_t bound = std::clamp<std::int64_t>(initial.count(), 0, cap);
  for (unsigned n = 0; n < attempt && bound != 0 && bound < cap; ++n) {
    bound = bound > cap / 2 ? cap : bound * 2;
  }
  // Written so that a NaN becomes 0.
  const double share = random01 > 0 ? std::min(random01, 1.0) : 0.0;
  const auto wait =
      static_cast<std::int64_t>(static_cast<long double>(bound) * static_cast<long double>(share));
  return std::chrono::milliseconds{std::min(wait, bound)};
}

}  // namespace reflector
