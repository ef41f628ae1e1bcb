#pragma once

#include <chrono>
#include <cstdint>

namespace reflector {

/// What a command may take, by setrlimit(2): each of its processes, but for `processes`. A core
/// file is never written.
struct process_limits {
  std::chrono::milliseconds cpu{10 * 60 * 1000};     ///< RLIMIT_CPU, whole seconds
  std::uint64_t memory = std::uint64_t{1} << 30;     ///< bytes, RLIMIT_DATA
  std::uint64_t file_size = std::uint64_t{1} << 30;  ///< bytes, RLIMIT_FSIZE
  unsigned files = 256;                              ///< open at a time, RLIMIT_NOFILE
  /// Beyond those that its user has already, threads included: RLIMIT_NPROC, which root is exempt
  /// from, and pids.max where a cgroup has that.
  unsigned processes = 128;

  friend bool operator==(const process_limits&, const process_limits&) = default;
};

}  // namespace reflector
