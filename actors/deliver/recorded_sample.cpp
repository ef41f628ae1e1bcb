#include "actors/deliver/recorded_sample.hpp"

#include <charconv>
#include <chrono>
#include <cstddef>
#include <string>
#include <unordered_map>

#include <simdjson.h>

namespace reflector {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

/// A record is no longer than 64 KiB, and nested four deep.
constexpr std::size_t max_nesting = 16;

// What has another type is left as it was.

void take(element from, std::string_view& to) {
  (void)!from.get(to);
}

template <class T>
void take(element from, std::optional<T>& to) {
  if (T value{}; from.get(value) == simdjson::SUCCESS) to = value;
}

void take(element from, std::uint64_t& to) {
  (void)!from.get(to);
}

void take(element from, bool& to) {
  (void)!from.get(to);
}

void take(element from, std::vector<double>& to) {
  array list;
  if (from.get(list) != simdjson::SUCCESS) return;
  for (const element each : list)
    if (double value = 0; each.get(value) == simdjson::SUCCESS) to.push_back(value);
}

void take(element from, std::vector<std::string_view>& to) {
  array list;
  if (from.get(list) != simdjson::SUCCESS) return;
  for (const element each : list)
    if (std::string_view value; each.get(value) == simdjson::SUCCESS) to.push_back(value);
}

void take(element from, std::optional<recorded_sample::position>& to) {
  object axes;
  if (from.get(axes) != simdjson::SUCCESS) return;
  recorded_sample::position at;
  if (axes["x"].get(at.x) == simdjson::SUCCESS && axes["y"].get(at.y) == simdjson::SUCCESS &&
      axes["z"].get(at.z) == simdjson::SUCCESS)
    to = at;
}

/// A digit's place in "2026-11-23T23:40:41.222Z".
int digits(std::string_view text, std::size_t from, std::size_t count) {
  int value = -1;
  const auto [end, error] = std::from_chars(text.data() + from, text.data() + from + count, value);
  return error == std::errc{} && end == text.data() + from + count ? value : -1;
}

/// In the one form in which samples are committed. @return nothing for any other
std::optional<std::int64_t> milliseconds_of(std::string_view text) {
  constexpr std::string_view form = "0000-00-00T00:00:00.000Z";
  if (text.size() != form.size()) return std::nullopt;
  for (std::size_t i = 0; i < form.size(); ++i)
    if (form[i] != '0' && text[i] != form[i]) return std::nullopt;
  const int year = digits(text, 0, 4), month = digits(text, 5, 2), day = digits(text, 8, 2);
  const int hour = digits(text, 11, 2), minute = digits(text, 14, 2), second = digits(text, 17, 2);
  const int millisecond = digits(text, 20, 3);
  if (hour < 0 || minute < 0 || second < 0 || millisecond < 0 || month < 1 || day < 1)
    return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{year},
                                         std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  if (!date.ok()) return std::nullopt;
  const auto days = std::chrono::sys_days{date}.time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(days + std::chrono::hours{hour} +
                                                               std::chrono::minutes{minute} +
                                                               std::chrono::seconds{second})
             .count() +
         millisecond;
}

/// Takes the rows of a list; @param row is called with each key and value of one.
template <class Row, class Take>
void take_rows(element from, std::vector<Row>& to, Take row) {
  array list;
  if (from.get(list) != simdjson::SUCCESS) return;
  for (const element each : list) {
    object fields;
    if (each.get(fields) != simdjson::SUCCESS) continue;
    Row& next = to.emplace_back();
    for (const auto& [key, value] : fields) row(next, key, value);
  }
}

void take_interface(recorded_sample::interface& row, std::string_view key, element value) {
  if (key == "name") return take(value, row.name);
  if (key == "bytes_sent") return take(value, row.bytes_sent);
  if (key == "bytes_recv") return take(value, row.bytes_received);
  if (key == "packets_sent") return take(value, row.packets_sent);
  if (key == "packets_recv") return take(value, row.packets_received);
  if (key == "errin") return take(value, row.errors_in);
  if (key == "errout") return take(value, row.errors_out);
  if (key == "dropin") return take(value, row.drops_in);
  if (key == "dropout") return take(value, row.drops_out);
  if (key == "speed_mbps") return take(value, row.speed_mbps);
  if (key == "is_up") return take(value, row.is_up);
}

void take_disk(recorded_sample::disk& row, std::string_view key, element value) {
  if (key == "device") return take(value, row.device);
  if (key == "mountpoint") return take(value, row.mount_point);
  if (key == "fstype") return take(value, row.type);
  if (key == "total_bytes") return take(value, row.total_bytes);
  if (key == "used_bytes") return take(value, row.used_bytes);
  if (key == "used_percent") return take(value, row.used_percent);
  if (key == "stuck") return take(value, row.stuck);
}

void take_process(recorded_sample::process& row, std::string_view key, element value) {
  if (key == "pid") {
    (void)!value.get(row.pid);
    return;
  }
  if (key == "username") return take(value, row.user);
  if (key == "name") return take(value, row.name);
  if (key == "cpu_percent") return take(value, row.cpu_percent);
  if (key == "memory_percent") return take(value, row.memory_percent);
}

void take_agent(recorded_sample& to, element from) {
  object fields;
  if (from.get(fields) != simdjson::SUCCESS) return;
  for (const auto& [key, value] : fields) {
    if (key == "id") take(value, to.agent_id);
    if (key == "boot_id") take(value, to.boot_id);
    if (key == "sequence") take(value, to.sequence);
    if (key == "restarts") take(value, to.restarts);
    if (key == "dropped") take(value, to.dropped);
    if (key == "late") take(value, to.late);
    if (key == "failed") take(value, to.failed);
    if (key == "degraded") (void)!value["level"].get(to.degraded_level);
  }
}

template <class Row, class Field, class Value>
void take_map(element from, std::vector<Row>& to, Field name, Value value) {
  object fields;
  if (from.get(fields) != simdjson::SUCCESS) return;
  for (const auto& [key, content] : fields) {
    Row row;
    row.*name = key;
    if (content.get(row.*value) == simdjson::SUCCESS) to.push_back(row);
  }
}

using taker = void (*)(recorded_sample&, element);

template <auto Member>
void into(recorded_sample& to, element from) {
  take(from, to.*Member);
}

/// By the name in the JSON.
const std::unordered_map<std::string_view, taker>& takers() {
  using s = recorded_sample;
  static const std::unordered_map<std::string_view, taker> all{
      {"hostname", &into<&s::hostname>},
      {"timestamp",
       [](s& to, element from) {
         std::string_view text;
         if (from.get(text) == simdjson::SUCCESS)
           to.timestamp_ms = milliseconds_of(text).value_or(0);
       }},
      {"agent_version", &into<&s::agent_version>},
      {"platform", &into<&s::platform>},
      {"os_distro", &into<&s::os_distro>},
      {"os_release", &into<&s::os_release>},
      {"os_kernel", &into<&s::os_kernel>},
      {"cpu_model", &into<&s::cpu_model>},
      {"system_manufacturer", &into<&s::system_manufacturer>},
      {"system_model", &into<&s::system_model>},
      {"bios_version", &into<&s::bios_version>},
      {"ipv4", &into<&s::ipv4>},
      {"rack", &into<&s::rack>},
      {"position", &into<&s::place>},
      {"uptime_seconds", &into<&s::uptime_seconds>},
      {"cpu_physical_cores", &into<&s::cpu_physical_cores>},
      {"cpu_logical_cores", &into<&s::cpu_logical_cores>},
      {"cpu_load", &into<&s::cpu_percent>},
      {"cpu_per_core", &into<&s::cpu_per_core_percent>},
      {"cpu_frequency_mhz", &into<&s::cpu_frequency_mhz>},
      {"cpu_frequency_per_core_mhz", &into<&s::cpu_frequency_per_core_mhz>},
      {"load_average", &into<&s::load_1>},
      {"load_average_5", &into<&s::load_5>},
      {"load_average_15", &into<&s::load_15>},
      {"memory_total_bytes", &into<&s::memory_total_bytes>},
      {"memory_available_bytes", &into<&s::memory_available_bytes>},
      {"memory_used_percent", &into<&s::memory_used_percent>},
      {"swap_used_percent", &into<&s::swap_used_percent>},
      {"net_bytes_tx", &into<&s::net_bytes_sent>},
      {"net_bytes_rx", &into<&s::net_bytes_received>},
      {"interfaces", [](s& to, element from) { take_rows(from, to.interfaces, &take_interface); }},
      {"disks", [](s& to, element from) { take_rows(from, to.disks, &take_disk); }},
      {"temperatures",
       [](s& to, element from) {
         take_map(from, to.temperatures, &s::temperature::bank, &s::temperature::celsius);
       }},
      {"cpu_temperature", &into<&s::cpu_celsius>},
      {"gpu_temperature", &into<&s::gpu_celsius>},
      {"top_processes",
       [](s& to, element from) { take_rows(from, to.top_processes, &take_process); }},
      {"process_count", &into<&s::process_count>},
      {"tags", [](s& to, element from) { take_map(from, to.tags, &s::tag::name, &s::tag::value); }},
      {"agent", &take_agent},
  };
  return all;
}

/// Empty, with the memory that its lists have.
void clear(recorded_sample& all) {
  recorded_sample empty;
  const auto keep = [](auto& from, auto& to) {
    from.clear();
    to.swap(from);
  };
  keep(all.cpu_per_core_percent, empty.cpu_per_core_percent);
  keep(all.cpu_frequency_per_core_mhz, empty.cpu_frequency_per_core_mhz);
  keep(all.interfaces, empty.interfaces);
  keep(all.disks, empty.disks);
  keep(all.temperatures, empty.temperatures);
  keep(all.top_processes, empty.top_processes);
  keep(all.tags, empty.tags);
  keep(all.late, empty.late);
  keep(all.failed, empty.failed);
  all = std::move(empty);
}

}  // namespace

struct sample_reader::parsing {
  simdjson::dom::parser parser;
};

sample_reader::sample_reader() : parsing_(std::make_unique<parsing>()) {}
sample_reader::~sample_reader() = default;

result<const recorded_sample*> sample_reader::read(std::string_view json) {
  clear(sample_);
  auto& parser = parsing_->parser;
  object fields;
  if (parser.max_depth() != max_nesting || parser.capacity() < json.size())
    if (parser.allocate(json.size() + 1, max_nesting) != simdjson::SUCCESS)
      return failure(fault_code::malformed, "a record that is too long");
  const auto error = parser.parse(json.data(), json.size()).get(fields);
  if (error != simdjson::SUCCESS)
    return failure(fault_code::malformed,
                   std::string{"a record that is not JSON: "} + simdjson::error_message(error));
  for (const auto& [key, value] : fields)
    if (const auto found = takers().find(key); found != takers().end())
      found->second(sample_, value);
  if (sample_.hostname.empty() || sample_.timestamp_ms == 0)
    return failure(fault_code::malformed, "a record without host name or timestamp");
  return &sample_;
}

}  // namespace reflector
