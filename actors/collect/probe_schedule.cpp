#include "actors/collect/probe_schedule.hpp"

#include <algorithm>

namespace reflector {

std::chrono::seconds probe_schedule::patience() const {
  constexpr unsigned enough = 16;
  return std::min<std::chrono::seconds>(longest_patience,
                                        first_patience * (1U << std::min(failures_, enough)));
}

probe_schedule::step probe_schedule::next(monotonic_time now) const {
  switch (phase_) {
    case phase::idle:
      return !not_before_ || now >= *not_before_ ? step::ask : step::nothing;
    case phase::open:
      return now >= begun_ + deadline + patience() ? step::end : step::nothing;
    case phase::queued:
    case phase::ending:
      break;
  }
  return step::nothing;
}

void probe_schedule::asked() {
  phase_ = phase::queued;
}

void probe_schedule::begun(monotonic_time now) {
  phase_ = phase::open;
  begun_ = now;
}

void probe_schedule::answered() {
  *this = {};
}

void probe_schedule::lost(monotonic_time now) {
  stuck_ = is_stuck(now);
  // One that was ended for its silence has been waited for already.
  not_before_ = phase_ == phase::ending ? now : now + patience();
  ++failures_;
  phase_ = phase::idle;
}

void probe_schedule::ending() {
  stuck_ = true;
  phase_ = phase::ending;
}

bool probe_schedule::is_stuck(monotonic_time now) const {
  return stuck_ || (phase_ == phase::open && now >= begun_ + deadline);
}

}  // namespace reflector
