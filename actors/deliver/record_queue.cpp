#include "actors/deliver/record_queue.hpp"

#include <algorithm>
#include <stdexcept>

namespace reflector {
namespace {

constexpr std::string_view spool_was_full = "the spool was full";
constexpr std::string_view agent_was_killed = "the agent was killed; what it held may be lost";

}  // namespace

void record_queue::add_endpoint(const std::string& name, std::uint64_t cursor) {
  readers_.emplace(name, reader{cursor, cursor});
}

void record_queue::append(record next) {
  if (next.sequence != last_ + 1)
    throw std::logic_error("record " + std::to_string(next.sequence) + " committed after " +
                           std::to_string(last_));
  last_ = next.sequence;
  bytes_ += next.json->size() + overhead_bytes;
  records_.push_back(std::move(next));
  while (bytes_ > max_bytes_ && records_.size() > 1) give_up_front();
}

void record_queue::declared(std::uint64_t sequence, const std::vector<lost_range>& losses) {
  if (!losses.empty()) declared_.emplace_back(sequence, losses);
}

std::vector<record> record_queue::hand_out(const std::string& endpoint, std::size_t max_samples,
                                           std::size_t max_bytes) {
  std::vector<record> out;
  const auto found = readers_.find(endpoint);
  if (found == readers_.end() || records_.empty()) return out;
  reader& to = found->second;
  if (to.cursor + 1 < records_.front().sequence)
    add_loss(to.cursor + 1, records_.front().sequence - 1, spool_was_full);

  const auto first = std::lower_bound(
      records_.begin(), records_.end(), to.cursor + 1,
      [](const record& r, std::uint64_t sequence) { return r.sequence < sequence; });
  std::size_t bytes = 0;
  for (auto r = first; r != records_.end() && out.size() < max_samples; ++r) {
    bytes += r->json->size() + 1;
    if (bytes > max_bytes && !out.empty()) break;
    out.push_back(*r);
  }
  if (!out.empty()) to.handed_to = out.back().sequence;
  return out;
}

void record_queue::acknowledge(const std::string& endpoint, std::uint64_t up_to) {
  const auto found = readers_.find(endpoint);
  if (found == readers_.end()) return;
  found->second.cursor = std::max(found->second.cursor, std::min(up_to, last_));
  const std::uint64_t passed = lowest_cursor();
  while (!records_.empty() && records_.front().sequence <= passed) drop_front();
  while (!declared_.empty() && declared_.front().first <= passed) {
    for (const auto& told : declared_.front().second)
      for (auto& range : lost_)
        if (range.from >= told.from && range.reason == told.reason)
          range.from = std::max(range.from, told.to + 1);
    std::erase_if(lost_, [](const lost_range& range) { return range.from > range.to; });
    declared_.pop_front();
  }
}

void record_queue::continue_after(std::uint64_t sequence) {
  last_ = std::max(last_, sequence);
}

void record_queue::resume_after(std::uint64_t sequence) {
  if (sequence > last_ && !readers_.empty()) add_loss(last_ + 1, sequence, agent_was_killed);
  continue_after(sequence);
}

std::map<std::string, std::uint64_t> record_queue::cursors() const {
  std::map<std::string, std::uint64_t> out;
  for (const auto& [name, to] : readers_) out.emplace(name, to.cursor);
  return out;
}

std::uint64_t record_queue::lowest_cursor() const {
  std::uint64_t lowest = last_;
  for (const auto& [name, to] : readers_) lowest = std::min(lowest, to.cursor);
  return lowest;
}

void record_queue::give_up_front() {
  const std::uint64_t sequence = records_.front().sequence;
  const bool is_waited_for = std::any_of(readers_.begin(), readers_.end(), [&](const auto& entry) {
    return sequence > std::max(entry.second.cursor, entry.second.handed_to);
  });
  if (is_waited_for) add_loss(sequence, sequence, spool_was_full);
  drop_front();
}

void record_queue::drop_front() {
  bytes_ -= records_.front().json->size() + overhead_bytes;
  records_.pop_front();
}

void record_queue::add_loss(std::uint64_t from, std::uint64_t to, std::string_view reason) {
  // Losses are found from the oldest on, but what was in one endpoint's hands may be older than a
  // known range.
  for (const auto& known : lost_) {
    if (known.from <= from && from <= known.to) from = known.to + 1;
    if (known.from <= to && to <= known.to) to = known.from - 1;
  }
  if (from > to) return;
  const auto after = std::find_if(lost_.begin(), lost_.end(),
                                  [&](const lost_range& known) { return known.from > to; });
  if (after != lost_.begin() && std::prev(after)->to + 1 == from &&
      std::prev(after)->reason == reason)
    std::prev(after)->to = to;
  else
    lost_.insert(after, {from, to, std::string{reason}});
  if (lost_.size() <= max_lost_ranges) return;
  // Each sample tells of all of them, so the two oldest become one that says more than is true.
  lost_[1].from = lost_[0].from;
  lost_.erase(lost_.begin());
}

}  // namespace reflector
