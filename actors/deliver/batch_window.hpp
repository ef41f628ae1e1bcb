#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>

namespace reflector {

/// How many samples the next batch may hold: one after a start or an outage (EGO takes no batch
/// from a host that it doesn't know, and an endpoint that comes back is met with little), then
/// twice as many after each that arrives. A size that has failed is not tried again until many
/// batches of half of it have arrived, and twice as many each time that it fails again.
class batch_window {
 public:
  explicit batch_window(std::size_t max) : max_(std::max<std::size_t>(1, max)), ceiling_(max_) {}

  std::size_t samples() const { return now_; }

  /// @param sent how many the batch held
  void accepted(std::size_t sent) {
    if (ceiling_ < max_ && sent >= ceiling_ && ++full_ >= patience_) {
      ceiling_ = std::min(max_, ceiling_ * 2);
      full_ = 0;
      raised_ = true;
    }
    if (sent >= max_) {
      patience_ = least_patience;
      raised_ = false;
    }
    now_ = std::min(ceiling_, now_ * 2);
  }

  /// A batch of that many was given up.
  void failed(std::size_t sent) {
    limit(sent / 2);
    now_ = 1;
  }

  /// Larger ones than this fail for their size.
  void limit(std::size_t samples) {
    if (std::exchange(raised_, false)) patience_ = std::min(patience_ * 2, most_patience);
    ceiling_ = std::clamp<std::size_t>(samples, 1, ceiling_);
    now_ = std::min(now_, ceiling_);
    full_ = 0;
  }

  void restart() { now_ = 1; }

 private:
  static constexpr std::size_t least_patience = 16, most_patience = 1024;

  std::size_t max_;
  std::size_t ceiling_;
  std::size_t now_ = 1;
  std::size_t full_ = 0;                   ///< batches of the ceiling's size that have arrived
  std::size_t patience_ = least_patience;  ///< how many of them raise it
  bool raised_ = false;                    ///< since it was last lowered
};

}  // namespace reflector
