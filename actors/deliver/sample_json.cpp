#include "actors/deliver/sample_json.hpp"

#include "actors/text/utf8.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <ctime>
#include <map>
#include <span>

#include <rapidjson/prettywriter.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>
#include <spdlog/fmt/fmt.h>

namespace reflector {
namespace {

/// How much of the lists is written. Of a table: interfaces, disks, temperatures, processes.
struct list_caps {
  std::size_t rows, cores;
};

/// Tried one after the other until the sample fits. The first is more than any sound host needs.
constexpr std::array<list_caps, 4> caps_to_try{{{100, 1024}, {20, 1024}, {4, 64}, {0, 0}}};

/// Of the text in a table's row: longer than any name that is meant to be read.
constexpr std::size_t max_row_text_bytes = 256;

std::string timestamp(wall_time at) {
  const auto since_epoch =
      std::chrono::duration_cast<std::chrono::milliseconds>(at.time_since_epoch()).count();
  const std::time_t seconds = static_cast<std::time_t>(since_epoch >= 0 ? since_epoch / 1000 : 0);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", utc.tm_year + 1900,
                     utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec,
                     since_epoch >= 0 ? since_epoch % 1000 : 0);
}

/// Writes the sections of one sample; a member function each, in the order they stand in the JSON.
template <class Writer>
class sample_writer {
 public:
  sample_writer(Writer& out, const sample& measured, const sample_frame& frame, list_caps caps)
      : out_(out), sample_(measured), frame_(frame), caps_(caps) {}

  void write() {
    out_.StartObject();
    host();
    cpu();
    load();
    memory();
    network();
    disk();
    sensors();
    processes();
    place();
    tags();
    agent();
    out_.EndObject();
  }

 private:
  void key(std::string_view name) {
    out_.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
  }

  void value(std::string_view text) {
    const std::string clean = with_valid_utf8(text);
    out_.String(clean.data(), static_cast<rapidjson::SizeType>(clean.size()));
  }
  void value(std::uint64_t number) { out_.Uint64(number); }
  void value(unsigned number) { out_.Uint(number); }
  void value(bool yes) { out_.Bool(yes); }
  void value(double number) { out_.Double(number); }

  template <class T>
  void field(std::string_view name, const T& content) {
    key(name);
    value(content);
  }
  void field(std::string_view name, double number) {
    if (!std::isfinite(number)) return;
    key(name);
    value(number);
  }
  void text(std::string_view name, std::string_view content) {
    if (!content.empty()) field(name, content);
  }
  void row_text(std::string_view name, std::string_view content) {
    field(name, utf8_head(content, max_row_text_bytes));
  }
  void rounded(std::string_view name, double number) {
    field(name, std::round(number * 100) / 100);
  }

  void rounded_list(std::string_view name, const std::vector<double>& numbers) {
    // One that isn't a number would shift the others' places, so the list as a whole is what can't
    // be read.
    if (numbers.empty() ||
        !std::all_of(numbers.begin(), numbers.end(), [](double n) { return std::isfinite(n); }))
      return;
    key(name);
    out_.StartArray();
    for (const double number : first(numbers, caps_.cores)) value(std::round(number * 100) / 100);
    out_.EndArray();
  }

  template <class Row>
  static std::span<const Row> first(const std::vector<Row>& rows, std::size_t most) {
    return std::span{rows}.first(std::min(rows.size(), most));
  }

  void names(std::string_view name, const std::vector<std::string>& list) {
    if (list.empty()) return;
    key(name);
    out_.StartArray();
    for (const auto& entry : list) value(std::string_view{entry});
    out_.EndArray();
  }

  void host() {
    const std::string& own = sample_.host ? sample_.host->hostname : frame_.agent.hostname;
    text("hostname", frame_.agent.hostname.empty() ? own : frame_.agent.hostname);
    field("timestamp", std::string_view{timestamp(sample_.at)});
    text("agent_version", REFLECTOR_VERSION);
    if (!sample_.host) return;
    const host_reading& h = *sample_.host;
    field("uptime_seconds", h.uptime_seconds);
    text("platform", h.platform);
    text("os_distro", h.distribution);
    text("os_release", h.kernel_release);
    text("os_kernel", h.kernel_version);
    text("system_manufacturer", h.manufacturer);
    text("system_model", h.model);
    text("bios_version", h.bios_version);
    text("cpu_model", h.cpu_model);
    if (h.physical_cores) field("cpu_physical_cores", *h.physical_cores);
    if (h.logical_cores) field("cpu_logical_cores", *h.logical_cores);
  }

  void cpu() {
    if (!sample_.cpu) return;
    if (sample_.cpu->total_percent) rounded("cpu_load", *sample_.cpu->total_percent);
    rounded_list("cpu_per_core", sample_.cpu->per_core_percent);
    if (sample_.cpu->frequency_mhz) rounded("cpu_frequency_mhz", *sample_.cpu->frequency_mhz);
    rounded_list("cpu_frequency_per_core_mhz", sample_.cpu->frequency_per_core_mhz);
  }

  void load() {
    if (!sample_.load) return;
    field("load_average", sample_.load->one);
    field("load_average_5", sample_.load->five);
    field("load_average_15", sample_.load->fifteen);
  }

  void memory() {
    if (!sample_.memory) return;
    field("memory_total_bytes", sample_.memory->total_bytes);
    field("memory_available_bytes", sample_.memory->available_bytes);
    rounded("memory_used_percent", sample_.memory->used_percent);
    if (sample_.memory->swap_used_percent)
      rounded("swap_used_percent", *sample_.memory->swap_used_percent);
  }

  void network() {
    if (!sample_.network) return;
    const network_reading& n = *sample_.network;
    field("net_bytes_tx", n.bytes_sent);
    field("net_bytes_rx", n.bytes_received);
    text("ipv4", n.primary_ipv4);
    if (!n.interfaces.empty() && n.interfaces.front().name == n.primary &&
        n.interfaces.front().speed_mbps)
      field("primary_interface_speed_mbps", *n.interfaces.front().speed_mbps);
    key("interfaces");
    out_.StartArray();
    for (const auto& i : first(n.interfaces, caps_.rows)) {
      out_.StartObject();
      row_text("name", i.name);
      field("bytes_sent", i.bytes_sent);
      field("bytes_recv", i.bytes_received);
      field("packets_sent", i.packets_sent);
      field("packets_recv", i.packets_received);
      field("errin", i.errors_in);
      field("errout", i.errors_out);
      field("dropin", i.drops_in);
      field("dropout", i.drops_out);
      if (i.speed_mbps) field("speed_mbps", *i.speed_mbps);
      field("is_up", i.is_up);
      out_.EndObject();
    }
    out_.EndArray();
  }

  void disk() {
    if (!sample_.disk) return;
    key("disks");
    out_.StartArray();
    for (const auto& d : first(sample_.disk->disks, caps_.rows)) {
      out_.StartObject();
      row_text("device", d.device);
      row_text("mountpoint", d.mount_point);
      row_text("fstype", d.type);
      if (d.stuck) {
        field("stuck", true);
      } else {
        field("total_bytes", d.total_bytes);
        field("used_bytes", d.used_bytes);
        rounded("used_percent", d.used_percent);
      }
      out_.EndObject();
    }
    out_.EndArray();
  }

  void sensors() {
    if (!sample_.sensors || sample_.sensors->celsius.empty()) return;
    key("temperatures");
    out_.StartObject();
    std::size_t rows = 0;
    for (const auto& [bank, celsius] : sample_.sensors->celsius)
      if (++rows <= caps_.rows)
        rounded(with_valid_utf8(utf8_head(bank, max_row_text_bytes)), celsius);
    out_.EndObject();
    if (sample_.sensors->cpu_celsius) rounded("cpu_temperature", *sample_.sensors->cpu_celsius);
    if (sample_.sensors->gpu_celsius) rounded("gpu_temperature", *sample_.sensors->gpu_celsius);
  }

  void processes() {
    if (!sample_.processes) return;
    key("top_processes");
    out_.StartArray();
    for (const auto& p : first(sample_.processes->top, caps_.rows)) {
      out_.StartObject();
      key("pid");
      out_.Int(p.pid);
      row_text("username", p.user);
      row_text("name", p.name);
      rounded("cpu_percent", p.cpu_percent);
      rounded("memory_percent", p.memory_percent);
      out_.EndObject();
    }
    out_.EndArray();
    field("process_count", static_cast<std::uint64_t>(sample_.processes->total));
  }

  void place() {
    text("rack", frame_.agent.rack);
    if (!frame_.agent.position) return;
    key("position");
    out_.StartObject();
    field("x", frame_.agent.position->x);
    field("y", frame_.agent.position->y);
    field("z", frame_.agent.position->z);
    out_.EndObject();
  }

  void tags() {
    std::map<std::string, std::string> all;
    if (sample_.network && !sample_.network->primary.empty()) {
      all["primary_interface"] = utf8_head(sample_.network->primary, max_row_text_bytes);
      const auto& first = sample_.network->interfaces;
      if (!first.empty() && first.front().name == sample_.network->primary &&
          first.front().speed_mbps)
        all["primary_interface_speed_mbps"] = std::to_string(*first.front().speed_mbps);
    }
    if (sample_.disk && !sample_.disk->primary.empty())
      all["primary_disk"] = utf8_head(sample_.disk->primary, max_row_text_bytes);
    for (const auto& [name, content] : frame_.agent.tags) all[name] = content;
    if (all.empty()) return;
    key("tags");
    out_.StartObject();
    for (const auto& [name, content] : all) field(with_valid_utf8(name), std::string_view{content});
    out_.EndObject();
  }

  void agent() {
    key("agent");
    out_.StartObject();
    text("id", frame_.identity.id);
    text("boot_id", frame_.identity.boot_id);
    if (frame_.sequence > 0) field("sequence", frame_.sequence);
    names("late", sample_.late);
    names("failed", sample_.failed);
    if (sample_.less.level > 0) {
      key("degraded");
      out_.StartObject();
      field("level", sample_.less.level);
      field("reason", name_of(sample_.less.reason));
      out_.EndObject();
    }
    if (!frame_.lost.empty()) {
      key("lost");
      out_.StartArray();
      for (const auto& range : frame_.lost) {
        out_.StartObject();
        field("from", range.from);
        field("to", range.to);
        field("reason", std::string_view{range.reason});
        names("endpoints", range.endpoints);
        out_.EndObject();
      }
      out_.EndArray();
    }
    if (frame_.dropped > 0) field("dropped", frame_.dropped);
    field("restarts", frame_.restarts);
    out_.EndObject();
  }

  Writer& out_;
  const sample& sample_;
  const sample_frame& frame_;
  list_caps caps_;
};

/// @param out writes into `buffer`
template <class Writer>
void write_to_fit(rapidjson::StringBuffer& buffer, Writer& out, const sample& measured,
                  const sample_frame& frame) {
  for (const list_caps& caps : caps_to_try) {
    buffer.Clear();
    out.Reset(buffer);
    sample_writer{out, measured, frame, caps}.write();
    if (buffer.GetSize() <= max_sample_bytes) return;
  }
}

}  // namespace

std::string sample_json(const sample& measured, const sample_frame& frame) {
  rapidjson::StringBuffer buffer{nullptr, 4096};
  rapidjson::Writer<rapidjson::StringBuffer> out{buffer};
  write_to_fit(buffer, out, measured, frame);
  return {buffer.GetString(), buffer.GetSize()};
}

std::string indented_sample_json(const sample& measured, const sample_frame& frame) {
  rapidjson::StringBuffer buffer;
  rapidjson::PrettyWriter<rapidjson::StringBuffer> out{buffer};
  out.SetIndent(' ', 2);
  write_to_fit(buffer, out, measured, frame);
  return {std::string{buffer.GetString(), buffer.GetSize()} + '\n'};
}

}  // namespace reflector
