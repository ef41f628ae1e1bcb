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

std::chrono::nanoseconds token_bucket::take(monotonic_time now) {
  const double passed = std::chrono::duration<double>(now - at_).count();
  tokens_ = std::min(burst_, tokens_ + std::max(0.0, passed) * per_second_);
  at_ = now;
  tokens_ -= 1;
  if (tokens_ >= 0) return std::chrono::nanoseconds{0};
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
      std::chrono::duration<double>(-tokens_ / per_second_));
}

}  // namespace reflector
