#pragma once

#include "messages/delivery.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace reflector {

/// What waits for the endpoints: one copy of each record and a cursor per endpoint. Bounded in
/// bytes; past that the oldest records go, and if an endpoint still waited for them their range
/// enters the loss ledger, where it stays until every endpoint has acknowledged a record that
/// declares it.
class record_queue {
 public:
  /// A record's share of the bound beside its JSON.
  static constexpr std::size_t overhead_bytes = 64;
  /// Ranges in the loss ledger; past that the two oldest are declared as one.
  static constexpr std::size_t max_lost_ranges = 32;

  explicit record_queue(std::uint64_t max_bytes) : max_bytes_(max_bytes) {}

  /// An endpoint that wants records after `cursor`. One that is already known keeps its cursor.
  void add_endpoint(const std::string& name, std::uint64_t cursor);

  /// Sequence numbers go up by one; what has not been seen by then is the caller's bug and throws
  /// std::logic_error.
  void append(record next);

  /// The losses that this record's JSON declares.
  void declared(std::uint64_t sequence, const std::vector<lost_range>& losses);

  /// What comes after the endpoint's cursor, oldest first; at least one if there is any, even one
  /// over max_bytes. It is in the endpoint's hands until the next call: given up meanwhile, it is
  /// not lost to this endpoint, as it may yet arrive. What the endpoint should have had before
  /// these, and the queue no longer has, is lost from now on.
  std::vector<record> hand_out(const std::string& endpoint, std::size_t max_samples,
                               std::size_t max_bytes);

  /// Moves the cursor forward, never back, and forgets what every endpoint has passed.
  void acknowledge(const std::string& endpoint, std::uint64_t up_to);

  /// The next sequence number to expect is this plus one.
  void continue_after(std::uint64_t sequence);

  /// The same for the last number that was given out before the agent started: what lies between is
  /// known to nobody any more, and lost to the endpoints that were there then.
  void resume_after(std::uint64_t sequence);

  std::uint64_t last_sequence() const { return last_; }
  const std::vector<lost_range>& lost() const { return lost_; }
  void remember_lost(std::vector<lost_range> ranges) { lost_ = std::move(ranges); }
  /// By endpoint, the last sequence number that has reached it.
  std::map<std::string, std::uint64_t> cursors() const;
  const std::deque<record>& records() const { return records_; }
  std::uint64_t bytes() const { return bytes_; }

 private:
  struct reader {
    std::uint64_t cursor = 0;
    std::uint64_t handed_to = 0;  ///< newest record in its hands
  };

  std::uint64_t lowest_cursor() const;
  void give_up_front();
  void drop_front();
  void add_loss(std::uint64_t from, std::uint64_t to, std::string_view reason);

  std::uint64_t max_bytes_;
  std::uint64_t bytes_ = 0;
  std::uint64_t last_ = 0;
  std::deque<record> records_;
  std::map<std::string, reader> readers_;  ///< by endpoint
  std::vector<lost_range> lost_;
  std::deque<std::pair<std::uint64_t, std::vector<lost_range>>>
      declared_;  ///< by record, oldest first
};

}  // namespace reflector
