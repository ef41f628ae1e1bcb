#include "actors/supervise/pacer.hpp"

#include <algorithm>

namespace reflector {

std::uint64_t tick_schedule::issued(monotonic_time now) {
  if (next_++ == 0) {
    due_ = now + baseline;
    return 0;
  }
  due_ += interval_;
  if (due_ > now) return 0;
  const auto missed = static_cast<std::uint64_t>((now - due_) / interval_) + 1;
  due_ += interval_ * static_cast<std::int64_t>(missed);
  return missed;
}

void tick_schedule::change_interval(std::chrono::milliseconds interval, monotonic_time now) {
  interval_ = interval;
  if (next_ > 1) due_ = std::min<monotonic_time>(due_, now + interval);
}

double token_bucket::available(monotonic_time now) const {
  const double passed = std::chrono::duration<double>(now - at_).count();
  return std::min(burst_, tokens_ + std::max(0.0, passed) * per_second_);
}

std::chrono::nanoseconds token_bucket::take(double amount, monotonic_time now) {
  tokens_ = available(now) - amount;
  at_ = now;
  if (tokens_ >= 0) return std::chrono::nanoseconds{0};
  // A year, so that no configuration makes it more than the count of nanoseconds holds.
  const double seconds = std::min(-tokens_ / per_second_, 365.0 * 24 * 3600);
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
      std::chrono::duration<double>(seconds));
}

}  // namespace reflector
