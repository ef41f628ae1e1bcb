#include "actors/deliver/suspicion.hpp"

#include <algorithm>

namespace reflector {

bool suspicion::failed() {
  if (last_chance_) return true;
  others_turn_ = ++failures_ >= needed_;
  return false;
}

void suspicion::other_failed() {
  others_turn_ = false;
  distance_ = std::min(distance_ * 2, furthest);
}

void suspicion::other_answered() {
  others_turn_ = false;
  last_chance_ = true;
}

void suspicion::outage() {
  failures_ = 0;
  others_turn_ = false;
  last_chance_ = false;
}

void suspicion::delivered(bool after_500) {
  if (after_500) {
    needed_ = std::min(needed_ * 2, most_failures);
    smooth_ = 0;
  } else if (++smooth_ >= smooth_run) {
    needed_ = std::max(needed_ / 2, least_failures);
    smooth_ = 0;
  }
}

void suspicion::clear() {
  outage();
  distance_ = 1;
}

}  // namespace reflector
