#pragma once

#include "messages/sample.hpp"

#include <chrono>
#include <deque>
#include <optional>

namespace reflector {

/// How often a child may fail before restarting it is no answer any more.
struct restart_limits {
  unsigned intensity = 8;  ///< failures within `period` that are met with a restart
  std::chrono::milliseconds period{30'000};
  std::chrono::milliseconds backoff_initial{50};  ///< full jitter, see backoff.hpp
  std::chrono::milliseconds backoff_max{5'000};
};

/// Decides about one child, from times alone.
class restart_policy {
 public:
  explicit restart_policy(restart_limits limits) : limits_(limits) {}

  /// The child failed. Answers how long to wait before the restart, nothing when it failed too
  /// often. A child that was quiet for five periods begins anew, with the first backoff.
  /// @param random01 in [0, 1)
  std::optional<std::chrono::milliseconds> on_failure(monotonic_time now, double random01);

  /// As if it had never failed: for a child that is tried again after a long rest.
  void forgive();

 private:
  restart_limits limits_;
  std::deque<monotonic_time> failures_;  ///< within the last period, oldest first
  std::optional<monotonic_time> last_;
  unsigned attempt_ = 0;
};

}  // namespace reflector
