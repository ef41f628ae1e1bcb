#include "actors/supervise/permit_ledger.hpp"

#include <algorithm>

namespace reflector {
namespace {

/// Holds a second's worth, and never less than one.
token_bucket a_second_of(double per_second, monotonic_time now) {
  return {per_second, std::max(1.0, per_second), now};
}

}  // namespace

permit_ledger::permit_ledger(const limits_config& limits,
                             const std::map<std::string, endpoint_limits>& endpoints,
                             monotonic_time now)
    : max_concurrent_(limits.concurrent_requests),
      commands_(limits.commands_per_minute / 60, std::max(1.0, limits.commands_per_minute / 10),
                now),
      requests_(limits.requests_per_second, limits.request_burst, now),
      samples_(a_second_of(limits.samples_per_second, now)),
      bytes_(a_second_of(static_cast<double>(limits.bytes_per_second), now)),
      drain_requests_(limits.requests_per_second * limits.drain_share,
                      std::max(1.0, limits.request_burst * limits.drain_share), now),
      drain_samples_(a_second_of(limits.samples_per_second * limits.drain_share, now)),
      drain_bytes_(
          a_second_of(static_cast<double>(limits.bytes_per_second) * limits.drain_share, now)) {
  for (const auto& [name, own] : endpoints) endpoints_.emplace(name, send_budget{own, now});
}

void permit_ledger::change(const limits_config& limits,
                           const std::map<std::string, endpoint_limits>& endpoints,
                           monotonic_time now) {
  permit_ledger next{limits, endpoints, now};
  next.places_ = std::move(places_);
  next.line_ = std::move(line_);
  next.last_ticket_ = last_ticket_;
  next.reclaimed_ = reclaimed_;
  *this = std::move(next);
}

permit_ledger::ticket permit_ledger::ask(const permit_request& asked, std::uint64_t asker,
                                         monotonic_time now) {
  const auto wait = take(asked, now);
  line_.push_back({++last_ticket_, asker, now + wait, asked.longest, asked.of == budget::request});
  return last_ticket_;
}

std::chrono::nanoseconds permit_ledger::take(const permit_request& asked, monotonic_time now) {
  if (asked.of == budget::command) return commands_.take(1, now);
  const auto samples = static_cast<double>(asked.samples), bytes = static_cast<double>(asked.bytes);
  auto wait =
      std::max({requests_.take(1, now), samples_.take(samples, now), bytes_.take(bytes, now)});
  if (asked.backlog) {
    wait = std::max({wait, drain_requests_.take(1, now), drain_samples_.take(samples, now),
                     drain_bytes_.take(bytes, now)});
  }
  if (const auto own = endpoints_.find(asked.endpoint); own != endpoints_.end())
    wait = std::max(wait, own->second.take(asked, now));
  return wait;
}

std::vector<permit_ledger::grant> permit_ledger::granted(monotonic_time now) {
  reclaim(now);
  std::vector<grant> grants;
  bool is_full = false;
  for (auto next = line_.begin(); next != line_.end();) {
    const auto from = std::max(next->from, now);
    const auto until = from + next->longest + grace;
    // No place for one is none for those behind it, or they would pass it for ever.
    if (next->needs_place && (is_full || !has_place(from, until))) {
      is_full = true;
      ++next;
      continue;
    }
    if (next->needs_place) places_.push_back({next->asker, from, until});
    grants.emplace_back(next->number, from - now);
    next = line_.erase(next);
  }
  return grants;
}

/// A permit for later takes no place from requests that are over before it begins.
bool permit_ledger::has_place(monotonic_time from, monotonic_time until) const {
  const auto meanwhile = std::count_if(places_.begin(), places_.end(), [&](const place& p) {
    return p.from < until && from < p.until;
  });
  return static_cast<std::size_t>(meanwhile) < max_concurrent_;
}

void permit_ledger::reclaim(monotonic_time now) {
  reclaimed_ += std::erase_if(places_, [&](const place& p) { return p.until <= now; });
}

void permit_ledger::give_back(std::uint64_t asker) {
  auto earliest = places_.end();
  for (auto it = places_.begin(); it != places_.end(); ++it)
    if (it->asker == asker && (earliest == places_.end() || it->from < earliest->from))
      earliest = it;
  if (earliest != places_.end()) places_.erase(earliest);
}

std::vector<permit_ledger::ticket> permit_ledger::gone(std::uint64_t asker) {
  std::vector<ticket> dropped;
  std::erase_if(line_, [&](const in_line& one) {
    if (one.asker != asker) return false;
    dropped.push_back(one.number);
    return true;
  });
  return dropped;
}

std::optional<monotonic_time> permit_ledger::next_expiry() const {
  if (line_.empty() || places_.empty()) return std::nullopt;
  return std::min_element(places_.begin(), places_.end(),
                          [](const place& a, const place& b) { return a.until < b.until; })
      ->until;
}

permit_state permit_ledger::state(monotonic_time now) const {
  return {requests_.available(now),
          samples_.available(now),
          bytes_.available(now),
          commands_.available(now),
          drain_samples_.available(now),
          places_.size(),
          line_.size(),
          reclaimed_};
}

}  // namespace reflector
