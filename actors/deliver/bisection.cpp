#include "actors/deliver/bisection.hpp"

#include <algorithm>

namespace reflector {
namespace {

/// Below this, a refusal says nothing about sizes.
constexpr std::size_t least_telling_size = 8;

}  // namespace

void bisection::refused(std::uint64_t first, std::uint64_t last, evidence grounds,
                        std::optional<std::uint64_t> named) {
  if (!active()) original_ = last - first + 1;
  // What comes before the named one was to pass.
  if (named_ != 0 && last < named_) guessing_ = false;
  after_ = first - 1;
  to_ = last;
  grounds_ = grounds;
  whole_ = false;
  const bool believed = guessing_ && named && *named >= first && *named <= last;
  named_ = believed ? *named : 0;
}

std::optional<std::size_t> bisection::passed(std::uint64_t last) {
  largest_passed_ = std::max<std::size_t>(largest_passed_, last - after_);
  if (last >= to_) {
    const bool smaller = original_ >= least_telling_size && largest_passed_ * 4 < original_ * 3;
    const auto found = smaller && doubtful() ? std::optional{largest_passed_} : std::nullopt;
    clear();
    return found;
  }
  after_ = last;
  if (named_ != 0 && last >= named_) {
    named_ = 0;
    guessing_ = false;
  }
  whole_ = grounds_ == evidence::doubtful && named_ == 0;
  return std::nullopt;
}

std::size_t bisection::next_size() const {
  const std::uint64_t left = to_ - after_;
  if (whole_) return left;
  if (named_ > after_) return std::max<std::uint64_t>(1, named_ - 1 - after_);
  return std::max<std::uint64_t>(1, left / 2);
}

}  // namespace reflector
