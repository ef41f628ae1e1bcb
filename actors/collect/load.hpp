#pragma once

#include "actors/collect/collector.hpp"
#include "actors/collect/host_files.hpp"

#include <cstdint>
#include <memory>
#include <string_view>

namespace reflector {

/// /proc/loadavg (proc_loadavg(5)).
struct loadavg {
  load_reading averages;
  std::uint64_t threads = 0;   ///< scheduling entities that exist now
  std::uint64_t last_pid = 0;  ///< the newest process or thread, in the reader's pid namespace
};

/// Malformed: anything but "0.20 0.18 0.12 1/80 11206".
result<loadavg> parse_loadavg(std::string_view text);

/// Needs proc/loadavg.
std::unique_ptr<collector> make_load_collector(host_files& files);

}  // namespace reflector
