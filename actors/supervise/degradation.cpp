#include "actors/supervise/degradation.hpp"

#include <algorithm>

namespace reflector {

using namespace std::chrono_literals;

degraded degradation::step(const own_usage& usage, double backlog, monotonic_time now) {
  note_cpu(usage.cpu, now);
  beyond_hard_ = usage.resident_bytes > limits_.max_memory_hard ? beyond_hard_ + 1 : 0;
  if (const auto why = beyond(usage, backlog, 1); why != strain::none) {
    is_calm_ = false;
    if (now_.level == 0 || (now_.level < degraded::max_level && now - level_since_ >= patience))
      go_up(why, now);
  } else if (now_.level == 0 || beyond(usage, backlog, relief) != strain::none) {
    is_calm_ = false;
  } else if (!is_calm_) {
    is_calm_ = true;
    calm_since_ = now;
  } else if (now - calm_since_ >= calm_) {
    go_down(now);
  }
  return now_;
}

void degradation::note_cpu(std::chrono::nanoseconds cpu, monotonic_time now) {
  if (marks_.empty() || now - marks_.back().at >= 1s) marks_.push_back({now, cpu});
  while (marks_.size() > 1 && now - marks_[1].at >= window) marks_.pop_front();
  const auto span = now - marks_.front().at;
  cpu_percent_ = span < 10s ? 0
                            : 100 * std::chrono::duration<double>(cpu - marks_.front().cpu) /
                                  std::chrono::duration<double>(span);
}

strain degradation::beyond(const own_usage& usage, double backlog, double share) const {
  if (static_cast<double>(usage.resident_bytes) > static_cast<double>(limits_.max_memory) * share)
    return strain::memory;
  if (cpu_percent_ > limits_.max_cpu_percent * share) return strain::cpu;
  if (backlog > limits_.backlog_high_water * share) return strain::backlog;
  return strain::none;
}

void degradation::go_up(strain why, monotonic_time now) {
  const bool was_too_early = last_down_ != monotonic_time::min() && now - last_down_ < 2 * calm_;
  if (was_too_early)
    calm_ = std::min(2 * calm_, longest_calm);
  else if (now_.level == 0)
    calm_ = first_calm;
  last_down_ = monotonic_time::min();
  ++now_.level;
  now_.reason = why;
  level_since_ = now;
}

void degradation::go_down(monotonic_time now) {
  if (--now_.level == 0) now_.reason = strain::none;
  level_since_ = last_down_ = calm_since_ = now;
}

}  // namespace reflector
