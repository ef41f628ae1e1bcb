#pragma once

#include "actors/collect/host_files.hpp"
#include "messages/sample.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>

namespace reflector {

struct process_time {
  std::int32_t pid = 0;
  std::uint64_t cpu_ns = 0;  ///< used since it started, all threads

  friend bool operator==(const process_time&, const process_time&) = default;
};

/// Every process there is, with the CPU time it has used.
class process_table {
 public:
  process_table() = default;
  process_table(const process_table&) = delete;
  process_table& operator=(const process_table&) = delete;
  virtual ~process_table() = default;

  /// By pid, ascending. Valid until the next call. A process that ends meanwhile is left out.
  virtual result<std::span<const process_time>> read(monotonic_time now) = 0;
};

/// The CPU time of a process by its pid, in nanoseconds; nothing once it is gone.
using cpu_clock = std::function<std::optional<std::uint64_t>(std::int32_t pid)>;

/// The kernel's own: clock_gettime on the process's CPU clock, whose id is (~pid << 3) | 2
/// (CPUCLOCK_SCHED in linux/posix-timers.h). No descriptor, no privilege, no text. Only in the
/// caller's own pid namespace.
cpu_clock make_kernel_cpu_clock();

/// Reads clocks, and the list of processes only when something was started since: the last pid that
/// /proc/loadavg names then has moved, or there are more threads than before. At the latest after
/// 60 s. `always_list` is for a /proc/loadavg that isn't the kernel's own.
std::unique_ptr<process_table> make_clock_process_table(host_files& files, cpu_clock clock,
                                                        bool always_list);

/// Reads proc/PID/stat of every process: slow, and right for any /proc there is. To the clock tick
/// (10 ms).
std::unique_ptr<process_table> make_stat_process_table(host_files& files);

/// The one of them that is right for these files: clocks need the root to be "/", and /proc to be
/// of this process's own pid namespace.
std::unique_ptr<process_table> make_process_table(host_files& files);

}  // namespace reflector
