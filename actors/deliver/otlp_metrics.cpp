#include "actors/deliver/otlp_metrics.hpp"

#include <charconv>
#include <cmath>
#include <limits>

namespace reflector {
namespace {

enum class instrument {
  gauge,
  counter,          ///< a monotonic sum
  up_down_counter,  ///< a sum that isn't
};

struct metric_row {
  otlp_metric metric;
  std::string_view name, unit;  ///< of UCUM
  instrument kind;
};

using m = otlp_metric;

constexpr std::array<metric_row, otlp_metric_count> rows{{
    {m::uptime, "system.uptime", "s", instrument::gauge},
    {m::cpu_utilization, "system.cpu.utilization", "1", instrument::gauge},
    {m::cpu_frequency, "system.cpu.frequency", "Hz", instrument::gauge},
    {m::cpu_logical_count, "system.cpu.logical.count", "{cpu}", instrument::up_down_counter},
    {m::cpu_physical_count, "system.cpu.physical.count", "{cpu}", instrument::up_down_counter},
    {m::load_1m, "system.cpu.load_average.1m", "{thread}", instrument::gauge},
    {m::load_5m, "system.cpu.load_average.5m", "{thread}", instrument::gauge},
    {m::load_15m, "system.cpu.load_average.15m", "{thread}", instrument::gauge},
    {m::memory_limit, "system.memory.limit", "By", instrument::up_down_counter},
    {m::memory_usage, "system.memory.usage", "By", instrument::up_down_counter},
    {m::memory_available, "system.linux.memory.available", "By", instrument::up_down_counter},
    {m::memory_utilization, "system.memory.utilization", "1", instrument::gauge},
    {m::paging_utilization, "system.paging.utilization", "1", instrument::gauge},
    {m::network_io, "system.network.io", "By", instrument::counter},
    {m::network_packets, "system.network.packet.count", "{packet}", instrument::counter},
    {m::network_errors, "system.network.errors", "{error}", instrument::counter},
    {m::network_dropped, "system.network.packet.dropped", "{packet}", instrument::counter},
    {m::network_up, "hw.network.up", "1", instrument::up_down_counter},
    {m::network_bandwidth, "hw.network.bandwidth.limit", "By/s", instrument::up_down_counter},
    {m::filesystem_limit, "system.filesystem.limit", "By", instrument::up_down_counter},
    {m::filesystem_usage, "system.filesystem.usage", "By", instrument::up_down_counter},
    {m::filesystem_utilization, "system.filesystem.utilization", "1", instrument::gauge},
    {m::filesystem_stuck, "reflector.filesystem.stuck", "1", instrument::gauge},
    {m::temperature, "hw.temperature", "Cel", instrument::gauge},
    {m::process_count, "system.process.count", "{process}", instrument::up_down_counter},
    {m::process_cpu, "process.cpu.utilization", "1", instrument::gauge},
    {m::process_memory, "process.memory.utilization", "1", instrument::gauge},
    {m::agent_sequence, "reflector.sample.sequence", "{sample}", instrument::gauge},
    {m::agent_restarts, "reflector.actor.restarts", "{restart}", instrument::gauge},
    {m::agent_dropped, "reflector.sample.dropped", "{sample}", instrument::gauge},
    {m::agent_degraded, "reflector.degraded.level", "1", instrument::gauge},
    {m::agent_late, "reflector.collector.late", "1", instrument::gauge},
    {m::agent_failed, "reflector.collector.failed", "1", instrument::gauge},
}};

constexpr bool are_in_order() {
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (static_cast<std::size_t>(rows[i].metric) != i) return false;
  return true;
}
static_assert(are_in_order());

const metric_row& row_of(otlp_metric metric) {
  return rows[static_cast<std::size_t>(metric)];
}

/// More than this is not kept for the next batch.
constexpr std::size_t max_kept_bytes = 64 * 1024;

template <class T>
void append_number(std::string& out, T value) {
  char digits[32];
  const auto [end, error] = std::to_chars(std::begin(digits), std::end(digits), value);
  out.append(digits, end);
}

}  // namespace

otlp_times::otlp_times(std::int64_t start_ns, std::int64_t time_ns) {
  of_gauge = "\"timeUnixNano\":\"" + std::to_string(time_ns) + "\",";
  of_sum = of_gauge;
  if (start_ns > 0) of_sum += "\"startTimeUnixNano\":\"" + std::to_string(start_ns) + "\",";
}

std::string& otlp_metrics::begin(otlp_metric metric, std::string_view attributes,
                                 const otlp_times& times) {
  std::string& out = points_[static_cast<std::size_t>(metric)];
  out += out.empty() ? "{" : ",{";
  out += attributes;
  out += row_of(metric).kind == instrument::gauge ? times.of_gauge : times.of_sum;
  return out;
}

void otlp_metrics::add(otlp_metric metric, std::string_view attributes, const otlp_times& times,
                       double value) {
  if (!std::isfinite(value)) return;
  std::string& out = begin(metric, attributes, times);
  out += "\"asDouble\":";
  append_number(out, value);
  out += '}';
}

void otlp_metrics::add(otlp_metric metric, std::string_view attributes, const otlp_times& times,
                       std::uint64_t value) {
  if (value > std::uint64_t{std::numeric_limits<std::int64_t>::max()}) return;
  std::string& out = begin(metric, attributes, times);
  out += "\"asInt\":\"";
  append_number(out, value);
  out += "\"}";
}

void otlp_metrics::write(std::string& out) {
  bool first = true;
  for (const metric_row& row : rows) {
    std::string& points = points_[static_cast<std::size_t>(row.metric)];
    if (points.empty()) continue;
    out += first ? "{\"name\":\"" : ",{\"name\":\"";
    first = false;
    out += row.name;
    out += "\",\"unit\":\"";
    out += row.unit;
    if (row.kind == instrument::gauge) {
      out += "\",\"gauge\":{\"dataPoints\":[";
    } else {
      // 2: cumulative
      out += "\",\"sum\":{\"aggregationTemporality\":2,\"isMonotonic\":";
      out += row.kind == instrument::counter ? "true" : "false";
      out += ",\"dataPoints\":[";
    }
    out += points;
    out += "]}}";
    points.clear();
    if (points.capacity() > max_kept_bytes) points.shrink_to_fit();
  }
}

}  // namespace reflector
