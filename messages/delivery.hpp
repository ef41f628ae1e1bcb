#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace reflector {

/// A range of sequence numbers (both ends in it) that will never be delivered to an endpoint, and
/// why.
struct lost_range {
  std::uint64_t from = 0, to = 0;
  std::string reason;

  friend bool operator==(const lost_range&, const lost_range&) = default;
};

/// A sample as it was committed: its identity's sequence number and its canonical JSON, frozen.
struct record {
  std::uint64_t sequence = 0;  ///< from 1, without gaps, per agent id
  std::shared_ptr<const std::string> json;
  std::shared_ptr<const std::vector<lost_range>>
      declares;  ///< the losses that the JSON tells of; null: none
};

/// Batcher to spool: keep these, in this order.
struct commit {
  std::vector<record> records;
};

/// Spool to batcher: what has been kept, and what it had to give up that not every endpoint has
/// acknowledged being told of.
struct commit_receipt {
  std::uint64_t last_sequence = 0;  ///< of the newest record kept; 0 before the first
  std::vector<lost_range> lost;
};

/// Uplink to spool: everything up to `reached` is there (or was set aside), so move my cursor; then
/// give me the records after it, no more than these bounds, at least one. Answered when there is
/// one.
struct next_records {
  std::string endpoint;
  std::uint64_t reached = 0;  ///< 0: nothing yet in this life; the cursor never goes back
  std::size_t max_samples = 1;
  std::size_t max_bytes = 0;
};

struct record_slice {
  std::vector<record> records;
};

}  // namespace reflector
