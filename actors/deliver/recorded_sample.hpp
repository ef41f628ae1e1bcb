#pragma once

#include "messages/fault.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace reflector {

/// A committed sample's JSON (sample_json.hpp), read back for those endpoints that speak something
/// else. Units are the JSON's; what it lacks is absent or empty. The texts live in the reader,
/// until its next read().
struct recorded_sample {
  struct interface {
    std::string_view name;
    std::optional<std::uint64_t> bytes_sent, bytes_received, packets_sent, packets_received;
    std::optional<std::uint64_t> errors_in, errors_out, drops_in, drops_out;
    std::optional<std::uint64_t> speed_mbps;
    std::optional<bool> is_up;
  };
  struct disk {
    std::string_view device, mount_point, type;
    std::optional<std::uint64_t> total_bytes, used_bytes;
    std::optional<double> used_percent;
    bool stuck = false;
  };
  struct process {
    std::int64_t pid = 0;
    std::string_view user, name;
    std::optional<double> cpu_percent, memory_percent;
  };
  struct position {
    double x = 0, y = 0, z = 0;
  };
  struct temperature {
    std::string_view bank;  ///< "chip:label" or "chip"
    double celsius = 0;
  };
  struct tag {
    std::string_view name, value;
  };

  std::string_view hostname;
  std::int64_t timestamp_ms = 0;  ///< since 1970, UTC
  std::string_view agent_version, platform, os_distro, os_release, os_kernel;
  std::string_view cpu_model, system_manufacturer, system_model, bios_version;
  std::string_view ipv4, rack;
  std::optional<recorded_sample::position> place;
  std::optional<double> uptime_seconds;
  std::optional<std::uint64_t> cpu_physical_cores, cpu_logical_cores;

  std::optional<double> cpu_percent;  ///< of all cores
  std::vector<double> cpu_per_core_percent;
  std::optional<double> cpu_frequency_mhz;
  std::vector<double> cpu_frequency_per_core_mhz;
  std::optional<double> load_1, load_5, load_15;
  std::optional<std::uint64_t> memory_total_bytes, memory_available_bytes;
  std::optional<double> memory_used_percent, swap_used_percent;
  std::optional<std::uint64_t> net_bytes_sent, net_bytes_received;  ///< without lo
  std::vector<interface> interfaces;
  std::vector<disk> disks;
  std::vector<temperature> temperatures;
  std::optional<double> cpu_celsius, gpu_celsius;
  std::vector<process> top_processes;
  std::optional<std::uint64_t> process_count;

  std::vector<tag> tags;  ///< in the order of their names

  std::string_view agent_id, boot_id;
  std::uint64_t sequence = 0;
  std::uint64_t restarts = 0, dropped = 0;
  std::vector<std::string_view> late, failed;  ///< collectors
  std::uint64_t degraded_level = 0;            ///< 0: nothing is left out on purpose
};

/// Keeps its memory from one sample to the next.
class sample_reader {
 public:
  sample_reader();
  ~sample_reader();
  sample_reader(const sample_reader&) = delete;
  sample_reader& operator=(const sample_reader&) = delete;

  /// Fails where the text is no JSON object with a host name and a timestamp. Any other field that
  /// has another type than it should counts as absent.
  result<const recorded_sample*> read(std::string_view json);

 private:
  struct parsing;
  std::unique_ptr<parsing> parsing_;
  recorded_sample sample_;
};

}  // namespace reflector
