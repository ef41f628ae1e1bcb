#pragma once

#include "actors/collect/collector.hpp"
#include "actors/collect/host_files.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

namespace reflector {

/// The lines of /proc/meminfo (proc_meminfo(5)) that are needed, in bytes.
struct meminfo {
  std::uint64_t total = 0, free = 0;
  std::optional<std::uint64_t> available;  ///< since Linux 3.14
  std::optional<std::uint64_t> cached, active_file, inactive_file, slab_reclaimable;
  std::optional<std::uint64_t> swap_total, swap_free;
};

/// Malformed: no MemTotal above 0, or no MemFree.
result<meminfo> parse_meminfo(std::string_view text);

/// Sum over the zones of /proc/zoneinfo of the "low" watermarks, in pages.
std::uint64_t parse_low_watermark(std::string_view zoneinfo);

/// What could be had without swapping, for kernels that don't say: the kernel's own formula (commit
/// 34e431b0ae39) as psutil applies it. `low_watermark` in bytes; absent: /proc/zoneinfo could not
/// be read.
std::uint64_t estimate_available(const meminfo& memory, std::optional<std::uint64_t> low_watermark);

/// `available` in bytes. More than there is means a container's distorted view: then what is free
/// counts, as in free(1).
memory_reading to_reading(const meminfo& memory, std::uint64_t available);

/// Needs proc/meminfo.
std::unique_ptr<collector> make_memory_collector(host_files& files);

}  // namespace reflector
