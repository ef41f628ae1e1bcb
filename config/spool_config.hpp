#pragma once

#include <chrono>
#include <cstdint>

namespace reflector {

/// What a committed sample survives.
enum class durability {
  power_loss,     ///< each commit is synced to the disk
  process_crash,  ///< the disk is synced now and then: a power cut may take the last minutes
};

/// [spool]: what waits for the endpoints, on the disk, in state_dir/spool.
struct spool_config {
  /// Past it the oldest segment is given up, and what an endpoint still lacked of it declared lost.
  std::uint64_t max_bytes = 256 * 1024 * 1024;
  /// The same for what is older. Time in which the host was off does not count, and no jump of the
  /// wall clock does.
  std::chrono::milliseconds max_age = std::chrono::hours{24 * 7};
  reflector::durability durability = durability::power_loss;
  std::uint64_t max_memory = 4 * 1024 * 1024;  ///< of samples, while the disk can't be written
  std::uint64_t max_dead_letters = 4 * 1024 * 1024;  ///< bytes; past it the oldest are dropped

  friend bool operator==(const spool_config&, const spool_config&) = default;
};

}  // namespace reflector
