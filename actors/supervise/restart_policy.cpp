#include "actors/supervise/restart_policy.hpp"

#include "actors/deliver/backoff.hpp"

namespace reflector {

std::optional<std::chrono::milliseconds> restart_policy::on_failure(monotonic_time now,
                                                                    double random01) {
  if (last_ && now - *last_ > 5 * limits_.period) forgive();
  last_ = now;
  while (!failures_.empty() && now - failures_.front() > limits_.period) failures_.pop_front();
  if (failures_.size() >= limits_.intensity) return std::nullopt;
  failures_.push_back(now);
  return full_jitter(attempt_++, limits_.backoff_initial, limits_.backoff_max, random01);
}

void restart_policy::forgive() {
  failures_.clear();
  last_.reset();
  attempt_ = 0;
}

}  // namespace reflector
