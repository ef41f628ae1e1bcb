#pragma once

#include "messages/degradation.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace reflector {

using monotonic_time = std::chrono::steady_clock::time_point;
using wall_time = std::chrono::system_clock::time_point;

/// Everywhere below: an absent optional is a value that could not be read. It is left out of what
/// is sent, never replaced by 0 or -1. Percentages are 0 to 100 unless said otherwise, as psutil
/// defines them.

struct cpu_reading {
  std::optional<double>
      total_percent;  ///< busy share over the interval; absent until there were two readings
  std::vector<double> per_core_percent;  ///< by core number; empty until there were two readings
  std::optional<double> frequency_mhz;   ///< current, mean over the cores
  std::vector<double> frequency_per_core_mhz;
};

struct load_reading {
  double one = 0;  ///< run queue length averaged over 1 minute
  double five = 0;
  double fifteen = 0;
};

struct memory_reading {
  std::uint64_t total_bytes = 0;
  std::uint64_t available_bytes = 0;
  double used_percent = 0;                  ///< (total - available) / total
  std::optional<double> swap_used_percent;  ///< 0 where the host has no swap
};

struct network_interface {
  std::string name;
  std::uint64_t bytes_sent = 0, bytes_received = 0;  ///< since boot, as the kernel counts them
  std::uint64_t packets_sent = 0, packets_received = 0;
  std::uint64_t errors_in = 0, errors_out = 0;
  std::uint64_t drops_in = 0, drops_out = 0;
  bool is_up = false;
  bool is_physical = false;  ///< backed by a device, so not lo, a bridge, veth, tun …
  std::optional<std::uint64_t>
      speed_mbps;  ///< absent where the driver doesn't know (65535 and -1 are not speeds)
};

struct network_reading {
  std::vector<network_interface>
      interfaces;                ///< primary first, then physical, then virtual, lo last
  std::string primary;           ///< the one with the default route; empty without one; never lo
  std::string primary_ipv4;      ///< dotted; empty where it has none
  std::uint64_t bytes_sent = 0;  ///< sum over the interfaces without lo
  std::uint64_t bytes_received = 0;
};

struct disk_usage {
  std::string device, mount_point, type;
  std::uint64_t total_bytes = 0, used_bytes = 0;
  double used_percent = 0;  ///< used / (used + available to ordinary users)
  bool stuck = false;       ///< it does not answer: its usage is not known, and is 0 here
};

struct disk_reading {
  std::vector<disk_usage> disks;  ///< the root's, real disks, remote ones, loop devices
  std::string primary;  ///< device of the root file system, or of the first disk; empty without any
};

struct sensors_reading {
  std::map<std::string, double> celsius;  ///< hottest of each bank, by "chip:label" or "chip"
  std::optional<double> cpu_celsius, gpu_celsius;
};

struct process_usage {
  std::int32_t pid = 0;
  std::string name, user;
  double cpu_percent = 0;  ///< of one core over the interval: 100 per busy core, so it may pass 100
  double memory_percent = 0;  ///< resident / total memory
};

struct processes_reading {
  std::vector<process_usage> top;  ///< busiest first
  std::size_t total = 0;           ///< processes seen
};

struct host_reading {
  std::string hostname;  ///< the kernel's node name
  std::string platform;  ///< "Linux-6.1.0-18-amd64-x86_64"
  std::string kernel_release, kernel_version, distribution;
  std::string manufacturer, model, bios_version, cpu_model;  ///< empty where unknown
  std::optional<unsigned> physical_cores, logical_cores;
  double uptime_seconds = 0;
  std::string boot_id;
};

/// In the order of the flow's picture; also the index into `collector_names`.
enum class collector_id : std::uint8_t {
  cpu,
  load,
  memory,
  network,
  disk,
  sensors,
  processes,
  host
};

inline constexpr std::array<std::string_view, 8> collector_names{
    "cpu", "load", "memory", "network", "disk", "sensors", "processes", "host"};

inline std::string_view name_of(collector_id id) {
  return collector_names[static_cast<std::size_t>(id)];
}

/// What one collector says at one tick. The alternatives stand in the order of collector_id.
using reading = std::variant<cpu_reading, load_reading, memory_reading, network_reading,
                             disk_reading, sensors_reading, processes_reading, host_reading>;

/// The readings of one tick, joined. A section is absent when its collector was off, late or
/// failed.
struct sample {
  std::uint64_t tick = 0;
  wall_time at;           ///< what it is stamped with; may jump
  monotonic_time issued;  ///< of its tick, for the time between two samples
  std::optional<cpu_reading> cpu;
  std::optional<load_reading> load;
  std::optional<memory_reading> memory;
  std::optional<network_reading> network;
  std::optional<disk_reading> disk;
  std::optional<sensors_reading> sensors;
  std::optional<processes_reading> processes;
  std::optional<host_reading> host;
  std::vector<std::string> late;    ///< collectors that missed the deadline
  std::vector<std::string> failed;  ///< collectors that answered with a fault
  degraded less{};                  ///< why something is left out on purpose
};

}  // namespace reflector
