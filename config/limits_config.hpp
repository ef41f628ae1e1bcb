#pragma once

namespace reflector {

/// [limits]: the pacer's budget for the whole process.
struct limits_config {
  double requests_per_second = 50;   ///< to all endpoints together, retries included
  unsigned request_burst = 100;      ///< requests that may go at once after a quiet time
  double commands_per_minute = 120;  ///< started, over all queues

  friend bool operator==(const limits_config&, const limits_config&) = default;
};

}  // namespace reflector
