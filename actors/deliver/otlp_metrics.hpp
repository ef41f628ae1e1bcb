#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace reflector {

/// The metrics that a sample becomes, in the order in which a body has them.
enum class otlp_metric : std::uint8_t {
  uptime,
  cpu_utilization,
  cpu_frequency,
  cpu_logical_count,
  cpu_physical_count,
  load_1m,
  load_5m,
  load_15m,
  memory_limit,
  memory_usage,
  memory_available,
  memory_utilization,
  paging_utilization,
  network_io,
  network_packets,
  network_errors,
  network_dropped,
  network_up,
  network_bandwidth,
  filesystem_limit,
  filesystem_usage,
  filesystem_utilization,
  filesystem_stuck,
  temperature,
  process_count,
  process_cpu,
  process_memory,
  agent_sequence,
  agent_restarts,
  agent_dropped,
  agent_degraded,
  agent_late,
  agent_failed,
};

inline constexpr std::size_t otlp_metric_count =
    static_cast<std::size_t>(otlp_metric::agent_failed) + 1;

/// When a data point was measured, and since when a sum is counted: as text, ready for use.
struct otlp_times {
  /// @param start_ns 0: not known  @param time_ns since 1970
  otlp_times(std::int64_t start_ns, std::int64_t time_ns);

  std::string of_gauge, of_sum;
};

/// Data points gathered under their metrics, as JSON in protobuf's mapping: 64-bit integers are
/// strings, enums numbers, names in lowerCamelCase.
class otlp_metrics {
 public:
  /// @param attributes JSON's `"attributes":[…],`; empty: none
  void add(otlp_metric metric, std::string_view attributes, const otlp_times& times, double value);
  /// Left out where it is more than a signed integer holds.
  void add(otlp_metric metric, std::string_view attributes, const otlp_times& times,
           std::uint64_t value);

  /// Appends the metrics that have data points, with commas between, and forgets them.
  void write(std::string& out);

 private:
  std::string& begin(otlp_metric metric, std::string_view attributes, const otlp_times& times);

  std::array<std::string, otlp_metric_count> points_;
};

}  // namespace reflector
