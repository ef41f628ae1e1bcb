#include "actors/supervise/tick_plan.hpp"

#include <algorithm>

namespace reflector {
namespace {

bool is_required_by_ego(collector_id id) {
  return id == collector_id::cpu || id == collector_id::load || id == collector_id::memory ||
         id == collector_id::host;
}

bool is_left_out(collector_id id, unsigned level) {
  if (level >= 3) return !is_required_by_ego(id);
  return level >= 1 && id == collector_id::processes;
}

}  // namespace

std::uint64_t in_ticks(std::chrono::milliseconds interval, std::chrono::milliseconds tick) {
  const auto nearest = (interval + tick / 2) / tick;
  return static_cast<std::uint64_t>(std::max<decltype(nearest)>(nearest, 1));
}

tick_plan::tick_plan(const collectors_config& collectors, std::chrono::milliseconds interval)
    : degraded_every_(in_ticks(degraded_interval, interval)) {
  for (std::size_t i = 0; i < every_.size(); ++i) {
    enabled_[i] = collectors.each[i].enabled;
    every_[i] = in_ticks(collectors.each[i].interval.value_or(interval), interval);
  }
}

void tick_plan::complete(tick& beat, degraded less) {
  beat.less = less;
  beat.due = beat.left_out = collector_set{};
  for (std::size_t i = 0; i < every_.size(); ++i) {
    const auto id = static_cast<collector_id>(i);
    if (!enabled_[i]) continue;
    if (is_left_out(id, less.level)) {
      beat.left_out.set(i);
      continue;
    }
    auto every = every_[i];
    if (less.level >= 2 && (id == collector_id::disk || id == collector_id::sensors))
      every = std::max(every, degraded_every_);
    if (everyone_ || beat.number % every == 1 % every) beat.due.set(i);
  }
  everyone_ = false;
}

}  // namespace reflector
