#include "actors/deliver/spool_report.hpp"

#include "actors/observe/status_board.hpp"
#include "actors/text/in_words.hpp"

#include <string_view>

#include <simdjson.h>

namespace reflector {
namespace {

std::optional<wall_time> timestamp_of(const std::string& json) {
  simdjson::dom::parser parser;
  std::string_view text;
  if (parser.parse(json)["timestamp"].get(text) != simdjson::SUCCESS) return std::nullopt;
  return parse_utc(text);
}

}  // namespace

spool_report::at_work::at_work(status_board* board, monotonic_time now) : board_(board) {
  if (board_ != nullptr) board_->progress().spool_began(now);
}

spool_report::at_work::~at_work() {
  if (board_ != nullptr) board_->progress().spool_ended();
}

void spool_report::not_open(const std::string& why) {
  if (board_ == nullptr) return;
  spool_status said;
  said.failing = true;
  said.problem = why;
  board_->publish(std::move(said));
}

void spool_report::handed_out(const std::string& endpoint, const record_slice& slice) {
  if (board_ == nullptr || slice.records.empty()) return;
  const record& first = slice.records.front();
  front& known = oldest_[endpoint];
  if (known.sequence != first.sequence) known = {first.sequence, timestamp_of(*first.json)};
}

void spool_report::now_is(const spool& kept) {
  if (board_ == nullptr) return;
  const auto facts = kept.facts();
  const auto last = kept.last_sequence();
  spool_status said;
  said.open = true;
  said.failing = facts.failing;
  said.segment_bytes = facts.segment_bytes;
  said.segments = facts.segments;
  said.last_sequence = last;
  said.held_in_memory = facts.held_in_memory;
  board_->publish(std::move(said));
  for (const auto& each : facts.endpoints) {
    waiting_status waiting{each.name, last - each.cursor, 0, {}};
    if (waiting.count > 0) {
      waiting.oldest = each.cursor + 1;
      const auto known = oldest_.find(each.name);
      if (known != oldest_.end() && known->second.sequence == waiting.oldest)
        waiting.since = known->second.timestamp;
    }
    board_->publish(std::move(waiting));
  }
}

}  // namespace reflector
