#pragma once

#include "messages/sample.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>

namespace reflector {

/// How much of something there was a second, over the last minute (to 5 s) or since it was made.
class minute_rate {
 public:
  explicit minute_rate(monotonic_time now) : made_(now), slice_(now) {}

  void add(std::uint64_t amount, monotonic_time now) {
    move_to(now);
    slices_[at_] += amount;
  }

  double per_second(monotonic_time now) {
    move_to(now);
    std::uint64_t sum = 0;
    for (const auto each : slices_) sum += each;
    // The slice that is being filled counts as far as it has gone.
    const auto covered = std::min<monotonic_time::duration>(now - made_, full_ + (now - slice_));
    const double seconds = std::chrono::duration<double>(covered).count();
    return static_cast<double>(sum) / std::max(seconds, 1.0);
  }

 private:
  static constexpr std::size_t count = 12;
  static constexpr std::chrono::seconds width{5};
  static constexpr std::chrono::seconds full_ = width * (count - 1);

  void move_to(monotonic_time now) {
    if (now - slice_ >= width * count) {
      slices_.fill(0);
      slice_ = now;
      return;
    }
    while (now - slice_ >= width) {
      slice_ += width;
      at_ = (at_ + 1) % count;
      slices_[at_] = 0;
    }
  }

  monotonic_time made_;
  monotonic_time slice_;  ///< when the newest slice began
  std::size_t at_ = 0;
  std::array<std::uint64_t, count> slices_{};
};

}  // namespace reflector
