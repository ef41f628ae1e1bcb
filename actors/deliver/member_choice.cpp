#include "actors/deliver/member_choice.hpp"

#include "actors/text/sha256.hpp"

#include <algorithm>
#include <array>
#include <numeric>

namespace reflector {

using namespace std::chrono_literals;

member_choice::member_choice(std::size_t members, std::chrono::milliseconds return_after)
    : return_after_(return_after), members_(members) {}

/// A few times until it may be active again, but neither all the time nor next to never; less and
/// less often where it goes on failing, as each try may cost the batch a time-out.
std::chrono::milliseconds member_choice::try_each(unsigned failures) const {
  const auto often = std::clamp<std::chrono::milliseconds>(return_after_ / 4, 1s, 30s);
  constexpr unsigned most_doublings = 3;
  return often * (1U << std::min(failures, most_doublings));
}

std::size_t member_choice::begin(monotonic_time now) {
  for (auto& each : members_) each.failed = false;
  for (std::size_t i = 0; i < active_; ++i)
    if (members_[i].try_at <= now) return i;
  return active_;
}

void member_choice::answered(std::size_t index, monotonic_time now) {
  auto& which = members_[index];
  const bool is_better = index < active_;
  if (is_better) {
    which.failures = 0;
    which.try_at = now + try_each(0);
    if (!which.well_since) which.well_since = now;
  }
  const bool is_back = is_better && now - *which.well_since >= return_after_;
  if (!is_back && !members_[active_].failed) return;
  active_ = index;
  which.well_since.reset();
  which.failures = 0;
}

std::optional<std::size_t> member_choice::failed(std::size_t index, monotonic_time now) {
  auto& which = members_[index];
  which.failed = true;
  which.well_since.reset();
  which.try_at = now + try_each(which.failures++);
  if (!members_[active_].failed) return active_;
  for (std::size_t i = 0; i < members_.size(); ++i)
    if (!members_[i].failed) return i;
  return std::nullopt;
}

std::vector<std::size_t> rendezvous_order(std::string_view hostname,
                                          const std::vector<std::string>& members) {
  std::vector<std::array<unsigned char, 32>> scores;
  scores.reserve(members.size());
  for (const auto& name : members) scores.push_back(sha256(std::string{hostname} + '\0' + name));
  std::vector<std::size_t> order(members.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });
  return order;
}

}  // namespace reflector
