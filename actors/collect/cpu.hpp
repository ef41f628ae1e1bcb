#pragma once

#include "actors/collect/collector.hpp"
#include "actors/collect/host_files.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace reflector {

/// One "cpu" line of /proc/stat (proc_stat(5)): clock ticks since boot in user, nice, system, idle,
/// iowait, irq, softirq, steal, guest and guest_nice, in this order. Fields that an older kernel
/// doesn't have are 0.
using cpu_times = std::array<std::uint64_t, 10>;

struct core_times {
  unsigned core = 0;
  cpu_times times{};
};

struct cpu_stat {
  cpu_times total{};
  std::vector<core_times> cores;  ///< those that are on, by number
};

/// Replaces the content of `into`. Malformed: no "cpu" line with at least user, nice, system and
/// idle, or one with something else than numbers. Lines of other kinds are passed over.
result<void> parse_cpu_stat(std::string_view text, cpu_stat& into);

/// Busy share between two readings as psutil defines it: of the time without guest time (which user
/// time has in it already) everything but idle and iowait; counters that went back count as
/// standing still. Nothing where no time passed.
std::optional<double> busy_percent(const cpu_times& before, const cpu_times& after);

/// Busy shares of the cores that are in both readings, by number.
std::vector<double> busy_percent_per_core(const cpu_stat& before, const cpu_stat& after);

/// The "cpu MHz" lines of /proc/cpuinfo (x86, s390 as "cpu MHz dynamic"), in its order. Empty where
/// it has none.
std::vector<double> parse_cpuinfo_mhz(std::string_view text);

/// Frequencies are up to 5 s old: reading them makes some kernels interrupt every core. Needs
/// proc/stat.
std::unique_ptr<collector> make_cpu_collector(host_files& files);

}  // namespace reflector
