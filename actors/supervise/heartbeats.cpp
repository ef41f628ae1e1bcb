#include "actors/supervise/heartbeats.hpp"

namespace reflector {

bool heartbeats::round(monotonic_time now) {
  const bool late = last_round_ && now - *last_round_ > 2 * interval_;
  last_round_ = now;
  if (late)
    for (auto& each : open_)
      if (each.at) each.at = now;
  return !late;
}

bool heartbeats::may_ask(std::size_t child, std::uint64_t life) const {
  return child >= open_.size() || open_[child].life != life || !open_[child].at;
}

void heartbeats::asked(std::size_t child, std::uint64_t life, monotonic_time now) {
  if (child >= open_.size()) open_.resize(child + 1);
  open_[child] = {life, now};
}

std::optional<std::chrono::nanoseconds> heartbeats::answered(std::size_t child, std::uint64_t life,
                                                             monotonic_time now) {
  if (may_ask(child, life)) return std::nullopt;
  const auto took = now - *open_[child].at;
  open_[child].at.reset();
  return took;
}

bool heartbeats::missed(std::size_t child, std::uint64_t life, std::chrono::milliseconds deadline,
                        monotonic_time now) const {
  return !may_ask(child, life) && now - *open_[child].at > deadline;
}

}  // namespace reflector
