#pragma once

#include "messages/sample.hpp"

#include <chrono>
#include <cstdint>

namespace reflector {

/// When ticks are due. Tick 0 comes at once, tick 1 a tenth of a second later (so that the first
/// sample has rates), all others an interval apart, counted from tick 1 so that delays don't add
/// up.
class tick_schedule {
 public:
  static constexpr std::chrono::milliseconds baseline{100};

  tick_schedule(monotonic_time start, std::chrono::milliseconds interval)
      : interval_(interval), due_(start) {}

  /// From now on ticks are so far apart. The next one comes no later than it would have.
  void change_interval(std::chrono::milliseconds interval, monotonic_time now);

  std::uint64_t next_number() const { return next_; }
  monotonic_time next_due() const { return due_; }

  /// The next tick was issued at `now`. Intervals that have wholly passed meanwhile (the process
  /// was stopped, the machine overloaded) are not made up for; answers how many these are.
  std::uint64_t issued(monotonic_time now);

 private:
  std::chrono::milliseconds interval_;
  monotonic_time due_;
  std::uint64_t next_ = 0;
};

/// A token bucket that lends: every request gets its permit at once, along with the time to wait
/// before using it. So may one for more than the bucket ever holds.
class token_bucket {
 public:
  /// @param per_second tokens that flow in, above 0  @param burst tokens it holds when full, at
  /// least 1
  token_bucket(double per_second, double burst, monotonic_time now)
      : per_second_(per_second), burst_(burst), tokens_(burst), at_(now) {}

  std::chrono::nanoseconds take(double amount, monotonic_time now);

  /// Tokens that are there now; below 0, what was lent.
  double available(monotonic_time now) const;

 private:
  double per_second_, burst_, tokens_;
  monotonic_time at_;
};

}  // namespace reflector
