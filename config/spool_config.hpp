#pragma once

#include <cstdint>

namespace reflector {

/// [spool]: what waits for the endpoints. It is held in memory and written to state_dir when the
/// agent stops.
struct spool_config {
  std::uint64_t max_bytes =
      16 * 1024 * 1024;  ///< past it the oldest samples are given up, and declared lost

  friend bool operator==(const spool_config&, const spool_config&) = default;
};

}  // namespace reflector
