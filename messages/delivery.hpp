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
  /// Those that don't get it, in alphabetical order; empty: no endpoint does.
  std::vector<std::string> endpoints{};

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
  double fullness = 0;  ///< of the spool: what is on the disk, as a share of its max_bytes
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
  /// These were on their way together when the agent ended, and may have arrived: to be sent as one
  /// batch again, so that its bytes and its key are what they were.
  bool sent_before = false;
  std::uint64_t newest = 0;  ///< sequence number of the newest that the spool has; 0: not known
};

/// Uplink to spool: the endpoint refuses this record for good. It is moved out of the way of those
/// behind it; the cursor follows with the next next_records.
struct dead_letter {
  std::string endpoint;
  record refused;
  int status = 0;      ///< of HTTP
  std::string answer;  ///< the body's beginning, any bytes
};

/// Spool to uplink: the dead letter is dealt with, and the cursor may pass it.
struct dead_letter_receipt {
  bool kept = false;  ///< false: the disk took no dead letter, so the sample is only declared lost
};

}  // namespace reflector
