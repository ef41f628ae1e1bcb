#include "actors/deliver/loss_ledger.hpp"

#include <algorithm>
#include <tuple>

namespace reflector {

void loss_ledger::add(std::uint64_t from, std::uint64_t to, std::string_view reason,
                      const std::set<std::string>& endpoints) {
  for (const auto& endpoint : endpoints) {
    // What this endpoint is known to lack already is cut out; the rest may be in several pieces.
    std::uint64_t begin = from;
    std::vector<entry> pieces;
    for (const auto& known : entries_) {
      if (!known.untold.contains(endpoint) || known.to < begin || known.from > to) continue;
      if (known.from > begin)
        pieces.push_back({begin, known.from - 1, std::string{reason}, {endpoint}, 0});
      begin = known.to + 1;
    }
    if (begin <= to) pieces.push_back({begin, to, std::string{reason}, {endpoint}, 0});
    entries_.insert(entries_.end(), pieces.begin(), pieces.end());
    settle();
  }
}

/// Sorts, and joins what says the same about the same endpoints or about the same range.
void loss_ledger::settle() {
  std::sort(entries_.begin(), entries_.end(), [](const entry& a, const entry& b) {
    return std::tie(a.from, a.to, a.reason) < std::tie(b.from, b.to, b.reason);
  });
  std::vector<entry> joined;
  for (auto& each : entries_) {
    entry* const last = joined.empty() ? nullptr : &joined.back();
    const bool alike = last != nullptr && last->reason == each.reason;
    const bool same_range = alike && last->from == each.from && last->to == each.to;
    const bool same_endpoints = alike && last->to + 1 == each.from && last->untold == each.untold;
    if (same_range || same_endpoints) {
      // What is joined has been declared in that form by no record yet.
      if (last->declared_in != each.declared_in) last->declared_in = 0;
      last->untold.merge(each.untold);
      last->to = each.to;
    } else {
      joined.push_back(std::move(each));
    }
  }
  entries_ = std::move(joined);
  while (entries_.size() > max_ranges) {
    entry& second = entries_[1];
    second.from = entries_[0].from;
    second.to = std::max(second.to, entries_[0].to);
    second.untold.merge(entries_[0].untold);
    second.declared_in = 0;
    entries_.erase(entries_.begin());
  }
}

std::vector<lost_range> loss_ledger::to_declare(const std::set<std::string>& all) const {
  std::vector<lost_range> out;
  for (const auto& each : entries_) {
    lost_range range{each.from, each.to, each.reason, {}};
    if (each.untold != all) range.endpoints.assign(each.untold.begin(), each.untold.end());
    out.push_back(std::move(range));
  }
  return out;
}

void loss_ledger::declared(std::uint64_t sequence, const std::vector<lost_range>& carried) {
  for (auto& each : entries_) {
    if (each.declared_in != 0) continue;
    const auto tells_it = [&](const lost_range& range) {
      return range.from == each.from && range.to == each.to && range.reason == each.reason &&
             (range.endpoints.empty() ||
              std::includes(range.endpoints.begin(), range.endpoints.end(), each.untold.begin(),
                            each.untold.end()));
    };
    if (std::any_of(carried.begin(), carried.end(), tells_it)) each.declared_in = sequence;
  }
}

bool loss_ledger::acknowledge(const std::string& endpoint, std::uint64_t up_to) {
  bool changed = false;
  for (auto& each : entries_)
    if (each.declared_in != 0 && each.declared_in <= up_to)
      changed = each.untold.erase(endpoint) > 0 || changed;
  if (changed) std::erase_if(entries_, [](const entry& each) { return each.untold.empty(); });
  return changed;
}

bool loss_ledger::forget(const std::string& endpoint) {
  bool changed = false;
  for (auto& each : entries_) changed = each.untold.erase(endpoint) > 0 || changed;
  if (changed) std::erase_if(entries_, [](const entry& each) { return each.untold.empty(); });
  return changed;
}

}  // namespace reflector
