#pragma once

#include "actors/deliver/recorded_sample.hpp"

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// A sample as metrics in the words of Prometheus, for its remote write and for who scrapes. A name
// is node_exporter's where it means the same as there; everything else is called reflector_…, in
// base units. What is absent in the sample is absent here: no series, never 0 or -1.
//
//   name {labels}                                            field of the sample
//   node_load1, node_load5, node_load15                      load_average, …_5, …_15
//   node_memory_MemTotal_bytes, …_MemAvailable_bytes         memory_total_bytes, …available…
//   node_network_receive_bytes_total {device}                interfaces[].bytes_recv
//   node_network_transmit_bytes_total                                     .bytes_sent
//   node_network_receive_packets_total, …_transmit_…                      .packets_recv, …_sent
//   node_network_receive_errs_total, …_transmit_…                         .errin, .errout
//   node_network_receive_drop_total, …_transmit_…                         .dropin, .dropout
//   node_network_speed_bytes                                              .speed_mbps, in bytes/s
//   reflector_network_up                                                  .is_up: what the kernel
//                       calls "unknown", such as lo, is up here and is not in node_network_up
//   node_filesystem_size_bytes {device, fstype, mountpoint}  disks[].total_bytes
//   reflector_filesystem_used_bytes                                .used_bytes
//   reflector_filesystem_used_ratio                                .used_percent: of what users
//   have reflector_filesystem_stuck                                     .stuck: 1: it does not
//   answer reflector_memory_used_ratio, reflector_swap_used_ratio   memory_used_percent,
//   swap_used_percent reflector_cpu_usage_ratio                                cpu_load: busy share
//   of all cores reflector_cpu_core_usage_ratio {cpu}                     cpu_per_core: of one,
//   from "0" reflector_cpu_frequency_hertz                            cpu_frequency_mhz: mean
//   reflector_cpu_core_frequency_hertz {cpu}                 cpu_frequency_per_core_mhz
//   reflector_cpu_physical_cores, reflector_cpu_logical_cores
//   reflector_cpu_temperature_celsius, …_gpu_…               cpu_temperature, gpu_temperature
//   reflector_temperature_celsius {sensor}                   temperatures: hottest of a bank,
//                       "chip:label" or "chip", which are not node_hwmon_temp_celsius' labels
//   reflector_top_process_cpu_ratio {rank}                   top_processes[].cpu_percent of one
//   core, reflector_top_process_memory_ratio {rank}                .memory_percent; rank "1": the
//   busiest.
//                       No name and no pid: whoever is on the host makes those up, and each would
//                       be a series for ever
//   reflector_processes                                      process_count
//   reflector_uptime_seconds                                 uptime_seconds
//   reflector_host_position {axis}                           position
//   reflector_host_info {hostname, platform, …}              the host's texts; always 1
//   reflector_agent_info {agent_id, boot_id, version}        agent.id, .boot_id; agent_version
//   reflector_agent_samples_committed_total                  agent.sequence
//   reflector_agent_restarts_total                           agent.restarts: of its actors
//   reflector_agent_samples_dropped_total                    agent.dropped: never committed
//   reflector_agent_degraded_level                           agent.degraded: 0: measures everything
//   reflector_collector_late, …_failed {collector}           agent.late, agent.failed: 1: is in it
//
// Left out: net_bytes_tx and net_bytes_rx, a sum that falls when an interface goes, which would be
// no counter (take sum without (device) of the rates); the processes' names and users.

namespace reflector {

enum class metric_type { gauge, counter, info };

struct metric_family {
  /// As a series has it, with "_total" or "_info" where its type wants it.
  std::string_view name;
  metric_type type = metric_type::gauge;
  /// Empty: none. Then the name ends in it, but for what follows from the type.
  std::string_view unit;
  std::string_view help;
};

/// Of [a-zA-Z_][a-zA-Z0-9_]*, and text that is valid UTF-8 and not empty.
struct metric_label {
  std::string_view name, value;
};

/// One value. What it points to lives no longer than the call that hands it over.
struct host_metric {
  const metric_family* family = nullptr;  ///< the same address each time
  std::span<const metric_label> labels;   ///< by name, each once
  double value = 0;
};

/// Hands over every metric of the sample: a family's one after the other, and no series twice, even
/// where two rows of the sample have the same name; then the first one counts.
void visit_host_metrics(const recorded_sample& from,
                        const std::function<void(const host_metric&)>& visit);

struct owned_label {
  std::string name, value;

  friend bool operator==(const owned_label&, const owned_label&) = default;
};

/// Labels that all series of the host have: `rack`, and its tags, whose names have "_" for every
/// character that a label's name can't have. A name that means something else already ("job",
/// "device", "__…") has "tag_" before it; the second of two that have become the same, in the order
/// of the tags' own names, has "_2" behind it. Not among them: primary_interface,
/// primary_interface_speed_mbps and primary_disk, which change while the host runs; the first and
/// the last are labels of reflector_host_info. By name, without empty ones.
std::vector<owned_label> host_labels(const recorded_sample& from);

}  // namespace reflector
