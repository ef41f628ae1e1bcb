#pragma once

#include "messages/sample.hpp"

#include <chrono>
#include <optional>

namespace reflector {

/// Sees the wall clock jump, from pairs of readings taken at the same moment, such as a tick's. A
/// suspended host is seen as a jump forward too, for the monotonic clock stands still meanwhile.
class clock_jumps {
 public:
  /// Less than this between two readings is drift, or a clock that is being disciplined.
  static constexpr std::chrono::seconds tolerance{1};

  /// @return how far the wall clock moved beyond the monotonic one since the readings before, below
  /// zero when it was set back; nothing where it did not jump, or at the first
  std::optional<std::chrono::milliseconds> seen(monotonic_time monotonic, wall_time wall) {
    const auto offset = wall.time_since_epoch() - monotonic.time_since_epoch();
    const auto before = offset_;
    offset_ = offset;
    if (!before) return std::nullopt;
    const auto moved = std::chrono::duration_cast<std::chrono::milliseconds>(offset - *before);
    if (moved <= tolerance && moved >= -tolerance) return std::nullopt;
    return moved;
  }

 private:
  std::optional<std::chrono::nanoseconds> offset_;
};

}  // namespace reflector
