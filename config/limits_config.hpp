#pragma once

#include <cstdint>

namespace reflector {

/// [limits]: the pacer's budget for the whole process. Token buckets, which hold a second's worth
/// where nothing else is said; an endpoint's own limits come on top.
struct limits_config {
  double requests_per_second = 50;   ///< to all servers together, retries included
  unsigned request_burst = 100;      ///< requests that may go at once after a quiet time
  double commands_per_minute = 120;  ///< started, over all queues

  double samples_per_second = 1000;                   ///< to all endpoints together
  std::uint64_t bytes_per_second = 10 * 1024 * 1024;  ///< of their bodies before compression
  unsigned concurrent_requests = 32;                  ///< on their way at one moment
  /// Of requests, samples and bytes a second, what backlogs may take: the rest is left to the
  /// endpoints that have none. Above 0, at most 1.
  double drain_share = 0.8;

  // Past one of these three the agent measures less (actors/supervise/degradation.hpp).
  double backlog_high_water = 0.5;             ///< of [spool] max_bytes, on the disk
  double max_cpu_percent = 50;                 ///< of one core, the agent's own, over a minute
  std::uint64_t max_memory = 128 << 20;        ///< resident bytes
  std::uint64_t max_memory_hard = 512U << 20;  ///< past it the agent flushes and exits with 1

  friend bool operator==(const limits_config&, const limits_config&) = default;
};

}  // namespace reflector
