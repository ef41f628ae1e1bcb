#pragma once

#include "messages/delivery.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

namespace reflector {

/// The newest records of a spool, in memory: numbers without a gap, the oldest dropped first.
class held_records {
 public:
  bool empty() const { return records_.empty(); }
  std::size_t size() const { return records_.size(); }
  std::uint64_t bytes() const { return bytes_; }  ///< their JSON, and something for each
  std::uint64_t oldest() const { return records_.front().sequence; }  ///< not of an empty one

  /// Its number is the one behind the newest's.
  void add(record next);
  void drop_oldest();

  /// From number `next` on, within these bounds, at least one; none where it isn't held.
  std::vector<record> from(std::uint64_t next, std::size_t max_samples,
                           std::size_t max_bytes) const;

 private:
  std::deque<record> records_;
  std::uint64_t bytes_ = 0;
};

}  // namespace reflector
