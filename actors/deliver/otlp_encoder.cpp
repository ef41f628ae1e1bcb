#include "actors/deliver/otlp_encoder.hpp"

#include "actors/deliver/otlp_attributes.hpp"
#include "actors/deliver/otlp_metrics.hpp"
#include "actors/deliver/recorded_sample.hpp"
#include "actors/text/json_string.hpp"
#include "actors/text/quoted.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include <simdjson.h>

namespace reflector {
namespace {

/// Of an answer: {"partialSuccess":{"rejectedDataPoints":"3","errorMessage":"…"}}
constexpr std::size_t max_nesting = 16;

constexpr std::int64_t ns_per_ms = 1'000'000;

namespace attribute {
constexpr std::string_view service_name = "service.name", service_version = "service.version",
                           service_instance = "service.instance.id", host_name = "host.name",
                           host_ip = "host.ip", cpu_model = "host.cpu.model.name",
                           os_type = "os.type", os_description = "os.description",
                           os_version = "os.version", os_build = "os.build_id",
                           manufacturer = "device.manufacturer", model = "device.model.name",
                           bios_version = "hw.bios_version", rack = "mirrorstage.rack",
                           x = "mirrorstage.position.x", y = "mirrorstage.position.y",
                           z = "mirrorstage.position.z";
constexpr std::array of_resource{service_name,
                                 service_version,
                                 service_instance,
                                 host_name,
                                 host_ip,
                                 cpu_model,
                                 os_type,
                                 os_description,
                                 os_version,
                                 os_build,
                                 manufacturer,
                                 model,
                                 bios_version,
                                 rack,
                                 x,
                                 y,
                                 z};
}  // namespace attribute

bool is_taken(std::string_view tag) {
  const auto& all = attribute::of_resource;
  return tag.empty() || std::find(all.begin(), all.end(), tag) != all.end();
}

/// Whose measurements they are: JSON's `"attributes":[…],`.
std::string_view resource_of(const recorded_sample& s, otlp_attributes& out) {
  const auto text = [&](std::string_view key, std::string_view value) {
    if (!value.empty()) out.text(key, value);
  };
  out.begin();
  text(attribute::service_name, "reflector");
  text(attribute::service_version, s.agent_version);
  text(attribute::service_instance, s.agent_id);
  text(attribute::host_name, s.hostname);
  if (!s.ipv4.empty()) out.text_list(attribute::host_ip, s.ipv4);
  text(attribute::cpu_model, s.cpu_model);
  text(attribute::os_type, "linux");
  text(attribute::os_description, s.os_distro);
  text(attribute::os_version, s.os_release);
  text(attribute::os_build, s.os_kernel);
  text(attribute::manufacturer, s.system_manufacturer);
  text(attribute::model, s.system_model);
  text(attribute::bios_version, s.bios_version);
  text(attribute::rack, s.rack);
  if (s.place) {
    out.number(attribute::x, s.place->x);
    out.number(attribute::y, s.place->y);
    out.number(attribute::z, s.place->z);
  }
  for (const auto& [name, value] : s.tags)
    if (!is_taken(name)) out.text(name, value);
  return out.end();
}

/// Adds one sample's data points; a member function for each part of it.
class sample_points {
 public:
  sample_points(otlp_metrics& out, otlp_attributes& attributes, const recorded_sample& s)
      : out_(out),
        attributes_(attributes),
        s_(s),
        times_(otlp_start_of(s.timestamp_ms, s.uptime_seconds).value_or(0),
               s.timestamp_ms * ns_per_ms) {}

  void add() {
    host();
    cpu();
    memory();
    network();
    filesystems();
    temperatures();
    processes();
    agent();
  }

 private:
  using m = otlp_metric;

  void put(otlp_metric metric, std::string_view attributes, std::optional<double> value) {
    if (value) out_.add(metric, attributes, times_, *value);
  }
  void put(otlp_metric metric, std::string_view attributes, std::optional<std::uint64_t> value) {
    if (value) out_.add(metric, attributes, times_, *value);
  }
  void ratio(otlp_metric metric, std::string_view attributes, std::optional<double> percent) {
    if (percent) put(metric, attributes, std::optional{*percent / 100});
  }
  void flag(otlp_metric metric, std::string_view attributes, bool is_set) {
    put(metric, attributes, std::optional<std::uint64_t>{is_set ? 1U : 0U});
  }
  void frequency(std::string_view attributes, std::optional<double> mhz) {
    if (mhz && *mhz >= 0 && *mhz < 1e9)
      put(m::cpu_frequency, attributes,
          std::optional{static_cast<std::uint64_t>(std::llround(*mhz * 1e6))});
  }

  void host() {
    put(m::uptime, {}, s_.uptime_seconds);
    put(m::cpu_logical_count, {}, s_.cpu_logical_cores);
    put(m::cpu_physical_count, {}, s_.cpu_physical_cores);
    put(m::load_1m, {}, s_.load_1);
    put(m::load_5m, {}, s_.load_5);
    put(m::load_15m, {}, s_.load_15);
  }

  void cpu() {
    ratio(m::cpu_utilization, {}, s_.cpu_percent);
    frequency({}, s_.cpu_frequency_mhz);
    const auto& percents = s_.cpu_per_core_percent;
    const auto& frequencies = s_.cpu_frequency_per_core_mhz;
    for (std::size_t i = 0; i < std::max(percents.size(), frequencies.size()); ++i) {
      const auto core =
          attributes_.begin().integer("cpu.logical_number", static_cast<std::int64_t>(i)).end();
      if (i < percents.size()) ratio(m::cpu_utilization, core, percents[i]);
      if (i < frequencies.size()) frequency(core, frequencies[i]);
    }
  }

  void memory() {
    const auto& total = s_.memory_total_bytes;
    const auto& available = s_.memory_available_bytes;
    put(m::memory_limit, {}, total);
    put(m::memory_available, {}, available);
    auto used = attributes_.begin().text("system.memory.state", "used").end();
    if (total && available && *available <= *total)
      put(m::memory_usage, used, std::optional{*total - *available});
    ratio(m::memory_utilization, used, s_.memory_used_percent);
    used = attributes_.begin().text("system.paging.state", "used").end();
    ratio(m::paging_utilization, used, s_.swap_used_percent);
  }

  void network() {
    for (const auto& each : s_.interfaces) {
      const auto way = [&](std::string_view direction) {
        return attributes_.begin()
            .text("network.interface.name", each.name)
            .text("network.io.direction", direction)
            .end();
      };
      const auto in = way("receive");
      put(m::network_io, in, each.bytes_received);
      put(m::network_packets, in, each.packets_received);
      put(m::network_errors, in, each.errors_in);
      put(m::network_dropped, in, each.drops_in);
      const auto out = way("transmit");
      put(m::network_io, out, each.bytes_sent);
      put(m::network_packets, out, each.packets_sent);
      put(m::network_errors, out, each.errors_out);
      put(m::network_dropped, out, each.drops_out);
      const auto hardware = attributes_.begin().text("hw.id", each.name).end();
      if (each.is_up) flag(m::network_up, hardware, *each.is_up);
      constexpr std::uint64_t bytes_per_megabit = 125'000;
      if (each.speed_mbps && *each.speed_mbps < (std::uint64_t{1} << 40))
        put(m::network_bandwidth, hardware, std::optional{*each.speed_mbps * bytes_per_megabit});
    }
  }

  void filesystems() {
    for (const auto& each : s_.disks) {
      const auto place = [&]() -> otlp_attributes& {
        return attributes_.begin()
            .text("system.device", each.device)
            .text("system.filesystem.mountpoint", each.mount_point)
            .text("system.filesystem.type", each.type);
      };
      auto row = place().end();
      flag(m::filesystem_stuck, row, each.stuck);
      put(m::filesystem_limit, row, each.total_bytes);
      row = place().text("system.filesystem.state", "used").end();
      put(m::filesystem_usage, row, each.used_bytes);
      ratio(m::filesystem_utilization, row, each.used_percent);
    }
  }

  void temperatures() {
    for (const auto& each : s_.temperatures)
      put(m::temperature, attributes_.begin().text("hw.id", each.bank).end(),
          std::optional{each.celsius});
    const auto hottest = [&](std::string_view id, std::string_view place,
                             std::optional<double> celsius) {
      put(m::temperature,
          attributes_.begin().text("hw.id", id).text("hw.sensor_location", place).end(), celsius);
    };
    hottest("cpu", "cpu_die", s_.cpu_celsius);
    hottest("gpu", "gpu_die", s_.gpu_celsius);
  }

  void processes() {
    put(m::process_count, {}, s_.process_count);
    const double cores = s_.cpu_logical_cores ? static_cast<double>(*s_.cpu_logical_cores)
                                              : static_cast<double>(s_.cpu_per_core_percent.size());
    for (const auto& each : s_.top_processes) {
      const auto who = attributes_.begin()
                           .integer("process.pid", each.pid)
                           .text("process.executable.name", each.name)
                           .text("process.owner", each.user)
                           .end();
      if (each.cpu_percent && cores > 0) ratio(m::process_cpu, who, *each.cpu_percent / cores);
      ratio(m::process_memory, who, each.memory_percent);
    }
  }

  void agent() {
    put(m::agent_sequence, {}, std::optional{s_.sequence});
    put(m::agent_restarts, {}, std::optional{s_.restarts});
    put(m::agent_dropped, {}, std::optional{s_.dropped});
    put(m::agent_degraded, {}, std::optional{s_.degraded_level});
    const auto each_of = [&](otlp_metric metric, const std::vector<std::string_view>& names) {
      for (const auto name : names)
        flag(metric, attributes_.begin().text("reflector.collector.name", name).end(), true);
    };
    each_of(m::agent_late, s_.late);
    each_of(m::agent_failed, s_.failed);
  }

  otlp_metrics& out_;
  otlp_attributes& attributes_;
  const recorded_sample& s_;
  otlp_times times_;
};

/// A 64-bit integer of protobuf's in JSON: a string, or a number.
std::int64_t integer_of(simdjson::dom::element from) {
  std::int64_t number = 0;
  std::string_view text;
  if (from.get(number) == simdjson::SUCCESS) return number;
  if (from.get(text) != simdjson::SUCCESS || text.empty()) return 0;
  // All that counts is whether it is more than 0.
  return text.find_first_not_of("0123456789") == text.npos &&
         text.find_first_not_of('0') != text.npos;
}

class otlp_encoder final : public batch_encoder {
 public:
  encoded_batch encode(std::span<const record> records) override {
    encoded_batch out;
    out.headers = {"Content-Type: application/json"};
    out.body.reserve(records.size() * sample_bytes_);
    out.body = "{\"resourceMetrics\":[";
    resource_.clear();
    for (const auto& r : records) {
      const auto read = reader_.read(*r.json);
      if (!read) continue;
      const recorded_sample& s = **read;
      if (const auto resource = resource_of(s, attributes_); resource != resource_) {
        end_run(out.body);
        begin_run(out.body, resource, s.agent_version);
      }
      sample_points{metrics_, attributes_, s}.add();
    }
    end_run(out.body);
    out.body += "]}";
    if (!records.empty()) sample_bytes_ = out.body.size() / records.size() + 64;
    return out;
  }

  understood_answer understand(const http_response& answer, std::size_t, bool) const override {
    understood_answer meaning{answer.status, {}, {}};
    if (answer.status < 200 || answer.status > 299) return meaning;
    simdjson::dom::parser parser;
    simdjson::dom::object partial;
    if (parser.allocate(answer.body.size() + 1, max_nesting) != simdjson::SUCCESS ||
        parser.parse(answer.body.data(), answer.body.size())["partialSuccess"].get(partial) !=
            simdjson::SUCCESS)
      return meaning;
    simdjson::dom::element count;
    const bool rejects =
        partial["rejectedDataPoints"].get(count) == simdjson::SUCCESS && integer_of(count) > 0;
    std::string_view text;
    (void)!partial["errorMessage"].get(text);
    // Not sent again: what it took would be there twice.
    if (rejects) {
      meaning.reservation = "it rejected " + quoted(simdjson::minify(count), 24) + " data points";
      if (!text.empty()) meaning.reservation += ": " + quoted(text, 200);
    } else if (!text.empty()) {
      meaning.reservation = "it says " + quoted(text, 200);
    }
    return meaning;
  }

 private:
  void begin_run(std::string& body, std::string_view resource, std::string_view version) {
    if (body.back() == '}') body += ',';
    body += "{\"resource\":{";
    body += resource.substr(0, resource.size() - 1);
    body += "},\"scopeMetrics\":[{\"scope\":{\"name\":\"reflector\"";
    if (!version.empty()) {
      body += ",\"version\":";
      append_json_string(body, version);
    }
    body += "},\"metrics\":[";
    resource_ = resource;
  }

  void end_run(std::string& body) {
    if (resource_.empty()) return;
    metrics_.write(body);
    body += "]}]}";
  }

  sample_reader reader_;
  otlp_attributes attributes_;
  otlp_metrics metrics_;
  std::string resource_;  ///< of the samples that metrics_ holds
  std::size_t sample_bytes_ =
      32 * 1024;  ///< of the body, as the last batch had them; a guess at first
};

}  // namespace

std::optional<std::int64_t> otlp_start_of(std::int64_t timestamp_ms,
                                          std::optional<double> uptime_seconds) {
  constexpr std::int64_t minute_ms = 60'000;
  if (!uptime_seconds || !(*uptime_seconds >= 0) ||
      *uptime_seconds * 1000 > static_cast<double>(timestamp_ms))
    return std::nullopt;
  const std::int64_t boot_ms = timestamp_ms - std::llround(*uptime_seconds * 1000);
  const std::int64_t start_ms = boot_ms - boot_ms % minute_ms;
  if (start_ms <= 0) return std::nullopt;
  return start_ms * ns_per_ms;
}

std::unique_ptr<batch_encoder> make_otlp_encoder(const endpoint_config&) {
  return std::make_unique<otlp_encoder>();
}

}  // namespace reflector
