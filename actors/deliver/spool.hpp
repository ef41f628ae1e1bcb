#pragma once

#include "config/configuration.hpp"
#include "messages/delivery.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace reflector {

/// Why a sample was given up, as the loss ledger and the samples say it.
namespace loss_reason {
inline constexpr std::string_view spool_full = "the spool was full";
inline constexpr std::string_view too_old = "older than max_age";
inline constexpr std::string_view disk_full = "the disk was full";
inline constexpr std::string_view damaged = "damaged on the disk";
inline constexpr std::string_view memory_full = "the disk could not be written and memory was full";
inline constexpr std::string_view not_found = "not on the disk when the agent started";
inline constexpr std::string_view unknown = "given up earlier";
inline constexpr std::string_view refused = "refused by the endpoint, kept as a dead letter";
inline constexpr std::string_view refused_not_kept =
    "refused by the endpoint, and the disk took no dead letter";
}  // namespace loss_reason

/// How it is, for people.
struct spool_facts {
  struct endpoint {
    std::string name;
    std::uint64_t cursor = 0;  ///< newest record it has
  };
  std::vector<endpoint> endpoints;  ///< those that are configured
  std::uint64_t segments = 0;
  std::uint64_t segment_bytes = 0;   ///< on the disk, logs left out
  std::uint64_t held_in_memory = 0;  ///< records that are not on the disk
  bool failing = false;              ///< the disk refuses something
};

/// The queue between the batcher and the uplinks: one copy of each record and a cursor per
/// endpoint. It may block on a disk, so it is used on a thread of its own. No fault of the disk
/// ends it.
class spool {
 public:
  spool() = default;
  spool(const spool&) = delete;
  spool& operator=(const spool&) = delete;
  virtual ~spool() = default;

  /// Sequence numbers go up by one; others are the caller's bug and throw std::logic_error.
  virtual void append(const std::vector<record>& records) = 0;

  /// What comes after the endpoint's cursor, oldest first, within these bounds, at least one if
  /// there is any. Empty for an endpoint that isn't known.
  virtual record_slice hand_out(const std::string& endpoint, std::size_t max_samples,
                                std::size_t max_bytes) = 0;

  /// Moves the cursor forward, never back.
  virtual void acknowledge(const std::string& endpoint, std::uint64_t up_to) = 0;

  /// Keeps what an endpoint refused, and declares it lost to it. The cursor is moved by the next
  /// acknowledgement. @return whether it is kept
  virtual bool set_aside(const dead_letter& letter) = 0;

  /// Goes on with other bounds and other endpoints: a new one is met as at the start, one that is
  /// not configured any more keeps what waits for it.
  virtual void configure(const configuration& next) = 0;

  /// Tries again what the disk has refused.
  virtual void retry() = 0;
  /// There is something to be tried again, in about a second.
  virtual bool needs_retry() const = 0;

  virtual std::uint64_t last_sequence() const = 0;   ///< of the newest record ever appended
  virtual std::vector<lost_range> lost() const = 0;  ///< what the next record has to declare

  virtual spool_facts facts() const { return {}; }
  /// What is kept, as a share of what may be; 0 where there is no bound.
  virtual double fullness() const { return 0; }
};

}  // namespace reflector
