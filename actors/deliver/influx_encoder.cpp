#include "actors/deliver/influx_encoder.hpp"

#include "actors/deliver/influx_line.hpp"
#include "actors/deliver/recorded_sample.hpp"
#include "actors/text/quoted.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include <simdjson.h>

namespace reflector {
namespace {

/// Of an answer; InfluxDB's are one deep, those of InfluxDB 3 three.
constexpr std::size_t max_nesting = 16;

bool is_reserved(std::string_view tag) {
  constexpr std::array<std::string_view, 3> reserved{"time", "_field", "_measurement"};
  return std::find(reserved.begin(), reserved.end(), tag) != reserved.end();
}

std::int64_t time_in(influx_precision precision, std::int64_t ms) {
  switch (precision) {
    case influx_precision::s:
      return ms / 1000;
    case influx_precision::ms:
      return ms;
    case influx_precision::us:
      return ms * 1000;
    case influx_precision::ns:
      return ms * 1'000'000;
  }
  return ms;
}

/// InfluxDB 1 and what imitates it say "u", InfluxDB 2 refuses that and says "us". "ns" is known to
/// both, and to VictoriaMetrics, which doesn't know InfluxDB 1's "n".
std::string_view parameter_of(influx_precision precision, bool is_v2) {
  switch (precision) {
    case influx_precision::s:
      return "s";
    case influx_precision::ms:
      return "ms";
    case influx_precision::us:
      return is_v2 ? "us" : "u";
    case influx_precision::ns:
      return "ns";
  }
  return "ns";
}

std::string_view without_dev(std::string_view device) {
  constexpr std::string_view folder = "/dev/";
  return device.starts_with(folder) ? device.substr(folder.size()) : device;
}

std::string joined(const std::vector<std::string_view>& names) {
  std::string out;
  for (const auto name : names) {
    if (!out.empty()) out += ',';
    out += name;
  }
  return out;
}

/// Writes one sample; a member function for each measurement.
class sample_lines {
 public:
  sample_lines(influx_line_writer& out, const recorded_sample& s) : out_(out), s_(s) {}

  void write() {
    cpu();
    system();
    memory();
    network();
    disks();
    temperatures();
    processes();
    agent();
  }

 private:
  void cpu() {
    out_.begin("cpu", {{"cpu", "cpu-total"}});
    out_.field("usage_active", s_.cpu_percent);
    out_.field("frequency_mhz", s_.cpu_frequency_mhz);
    out_.field("temperature", s_.cpu_celsius);
    out_.end();
    const auto& usage = s_.cpu_per_core_percent;
    const auto& frequency = s_.cpu_frequency_per_core_mhz;
    for (std::size_t i = 0; i < std::max(usage.size(), frequency.size()); ++i) {
      const std::string name = "cpu" + std::to_string(i);
      out_.begin("cpu", {{"cpu", name}});
      if (i < usage.size()) out_.field("usage_active", std::optional{usage[i]});
      if (i < frequency.size()) out_.field("frequency_mhz", std::optional{frequency[i]});
      out_.end();
    }
  }

  void system() {
    out_.begin("system");
    out_.field("load1", s_.load_1);
    out_.field("load5", s_.load_5);
    out_.field("load15", s_.load_15);
    if (s_.uptime_seconds && *s_.uptime_seconds >= 0 && *s_.uptime_seconds < 1e15)
      out_.field("uptime", static_cast<std::int64_t>(*s_.uptime_seconds));
    out_.field("n_cpus", s_.cpu_logical_cores);
    out_.field("n_physical_cpus", s_.cpu_physical_cores);
    out_.end();
  }

  void memory() {
    out_.begin("mem");
    out_.field("total", s_.memory_total_bytes);
    out_.field("available", s_.memory_available_bytes);
    out_.field("used_percent", s_.memory_used_percent);
    out_.end();
    out_.begin("swap");
    out_.field("used_percent", s_.swap_used_percent);
    out_.end();
  }

  void network() {
    for (const auto& each : s_.interfaces) {
      out_.begin("net", {{"interface", each.name}});
      out_.field("bytes_sent", each.bytes_sent);
      out_.field("bytes_recv", each.bytes_received);
      out_.field("packets_sent", each.packets_sent);
      out_.field("packets_recv", each.packets_received);
      out_.field("err_in", each.errors_in);
      out_.field("err_out", each.errors_out);
      out_.field("drop_in", each.drops_in);
      out_.field("drop_out", each.drops_out);
      out_.field("speed", each.speed_mbps);
      out_.field("is_up", each.is_up);
      out_.end();
    }
  }

  void disks() {
    for (const auto& each : s_.disks) {
      out_.begin("disk", {{"device", without_dev(each.device)},
                          {"fstype", each.type},
                          {"path", each.mount_point}});
      out_.field("total", each.total_bytes);
      out_.field("used", each.used_bytes);
      out_.field("used_percent", each.used_percent);
      out_.field("stuck", std::optional{each.stuck});
      out_.end();
    }
  }

  void temperatures() {
    for (const auto& each : s_.temperatures) {
      out_.begin("temp", {{"sensor", each.bank}});
      out_.field("temp", std::optional{each.celsius});
      out_.end();
    }
    out_.begin("gpu");
    out_.field("temperature", s_.gpu_celsius);
    out_.end();
  }

  void processes() {
    out_.begin("processes");
    out_.field("total", s_.process_count);
    out_.end();
    std::size_t rank = 0;
    for (const auto& each : s_.top_processes) {
      const std::string place = std::to_string(++rank);
      out_.begin("procstat", {{"process_name", each.name}, {"rank", place}, {"user", each.user}});
      out_.field("pid", each.pid);
      out_.field("cpu_usage", each.cpu_percent);
      out_.field("memory_usage", each.memory_percent);
      out_.end();
    }
  }

  void agent() {
    out_.begin("reflector");
    out_.field("sequence", std::optional{s_.sequence});
    out_.field("restarts", std::optional{s_.restarts});
    out_.field("dropped", std::optional{s_.dropped});
    out_.field("degraded", std::optional{s_.degraded_level});
    out_.field("late", std::optional<std::uint64_t>{s_.late.size()});
    out_.field("failed", std::optional<std::uint64_t>{s_.failed.size()});
    out_.text("late_collectors", joined(s_.late));
    out_.text("failed_collectors", joined(s_.failed));
    out_.text("agent_id", s_.agent_id);
    out_.text("version", s_.agent_version);
    if (s_.place) {
      out_.field("position_x", std::optional{s_.place->x});
      out_.field("position_y", std::optional{s_.place->y});
      out_.field("position_z", std::optional{s_.place->z});
    }
    out_.end();
  }

  influx_line_writer& out_;
  const recorded_sample& s_;
};

/// What InfluxDB says of a request: "error" in its version 1 and 3, "message" in 2. Empty: nothing
/// that is known.
std::string complaint_of(const std::string& body) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (parser.allocate(body.size() + 1, max_nesting) != simdjson::SUCCESS ||
      parser.parse(body.data(), body.size()).get(root) != simdjson::SUCCESS)
    return {};
  for (const char* key : {"error", "message"})
    if (std::string_view text; root[key].get(text) == simdjson::SUCCESS && !text.empty())
      return std::string{text};
  return {};
}

class influx_encoder final : public batch_encoder {
 public:
  explicit influx_encoder(influx_precision precision) : precision_(precision) {}

  encoded_batch encode(std::span<const record> records) override {
    lines_.reserve(records.size() * sample_bytes_);
    for (const auto& r : records) {
      const auto read = reader_.read(*r.json);
      if (!read) continue;
      const recorded_sample& s = **read;
      tags_.clear();
      tags_.push_back({"host", s.hostname});
      tags_.push_back({"rack", s.rack});
      for (const auto& [name, value] : s.tags)
        if (!is_reserved(name)) tags_.push_back({name, value});
      lines_.common(tags_, time_in(precision_, s.timestamp_ms));
      sample_lines{lines_, s}.write();
    }
    encoded_batch out{lines_.take(), {"Content-Type: text/plain; charset=utf-8"}};
    if (!records.empty()) sample_bytes_ = out.body.size() / records.size() + 64;
    return out;
  }

  std::string url_of(const endpoint_config& endpoint) const override {
    const std::string& url = endpoint.url;
    const auto query = url.find('?');
    const bool is_v2 = std::string_view{url}.substr(0, query).ends_with("/api/v2/write");
    std::string out = url;
    if (query == std::string::npos)
      out += '?';
    else if (url.back() != '?' && url.back() != '&')
      out += '&';
    out += "precision=";
    out += parameter_of(precision_, is_v2);
    return out;
  }

  understood_answer understand(const http_response& answer, std::size_t samples,
                               bool) const override {
    understood_answer meaning{answer.status, {}, {}};
    if (answer.status != 400 && answer.status != 422) return meaning;
    const std::string complaint = complaint_of(answer.body);
    if (complaint.find("partial write") != std::string::npos) {
      // The lines that it complains about are dropped, all others are stored. Sent again they would
      // be dropped again.
      meaning.status = 204;
      meaning.reservation =
          "it stored the batch without some of its lines: " + quoted(complaint, 200);
    } else if (samples == 0 && complaint.find("requires points") != std::string::npos) {
      // InfluxDB 2 looks at what a request holds after all else.
      meaning.status = 204;
    }
    return meaning;
  }

 private:
  influx_precision precision_;
  sample_reader reader_;
  influx_line_writer lines_;
  std::vector<influx_tag> tags_;
  std::size_t sample_bytes_ = 8192;  ///< of the body, as the last batch had them; a guess at first
};

}  // namespace

std::unique_ptr<batch_encoder> make_influx_encoder(const endpoint_config& endpoint) {
  return std::make_unique<influx_encoder>(endpoint.precision);
}

}  // namespace reflector
