#include "actors/deliver/host_metrics.hpp"

#include "messages/sample.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace reflector {
namespace {

using enum metric_type;
using interface = recorded_sample::interface;
using disk = recorded_sample::disk;
using process = recorded_sample::process;

constexpr std::string_view primary_interface = "primary_interface",
                           primary_speed = "primary_interface_speed_mbps",
                           primary_disk = "primary_disk";

/// A label's name each, in no order.
constexpr std::array own_label_names{"agent_id",
                                     "axis",
                                     "bios_version",
                                     "boot_id",
                                     "collector",
                                     "cpu",
                                     "cpu_model",
                                     "device",
                                     "exported_instance",
                                     "exported_job",
                                     "fstype",
                                     "hostname",
                                     "instance",
                                     "ipv4",
                                     "job",
                                     "le",
                                     "mountpoint",
                                     "os_distro",
                                     "os_kernel",
                                     "os_release",
                                     "platform",
                                     "primary_disk",
                                     "primary_interface",
                                     "quantile",
                                     "rack",
                                     "rank",
                                     "sensor",
                                     "system_manufacturer",
                                     "system_model",
                                     "version"};

// A value of one thing, of the sample or of a row of it.

template <class Row>
struct row_metric {
  metric_family family;
  std::optional<double> (*value)(const Row&);
};

template <class T>
std::optional<double> number(const std::optional<T>& from) {
  if (!from) return std::nullopt;
  return static_cast<double>(*from);
}

std::optional<double> ratio(const std::optional<double>& percent) {
  if (!percent) return std::nullopt;
  return *percent / 100;
}

std::optional<double> hertz(const std::optional<double>& mhz) {
  if (!mhz) return std::nullopt;
  return *mhz * 1e6;
}

template <auto Member, class Row>
std::optional<double> plain(const Row& from) {
  return number(from.*Member);
}

template <auto Member, class Row>
std::optional<double> percent(const Row& from) {
  return ratio(from.*Member);
}

using s = recorded_sample;

constexpr std::array<row_metric<s>, 18> of_host{{
    {{"node_load1", gauge, "", "Run queue length averaged over 1 minute."}, &plain<&s::load_1, s>},
    {{"node_load5", gauge, "", "Run queue length averaged over 5 minutes."}, &plain<&s::load_5, s>},
    {{"node_load15", gauge, "", "Run queue length averaged over 15 minutes."},
     &plain<&s::load_15, s>},
    {{"node_memory_MemTotal_bytes", gauge, "bytes", "Memory of the host."},
     &plain<&s::memory_total_bytes, s>},
    {{"node_memory_MemAvailable_bytes", gauge, "bytes", "Memory that programs can still get."},
     &plain<&s::memory_available_bytes, s>},
    {{"reflector_memory_used_ratio", gauge, "ratio", "Share of memory that is not available."},
     &percent<&s::memory_used_percent, s>},
    {{"reflector_swap_used_ratio", gauge, "ratio", "Share of swap in use; 0 without swap."},
     &percent<&s::swap_used_percent, s>},
    {{"reflector_cpu_usage_ratio", gauge, "ratio",
      "Busy share of all cores since the last sample."},
     &percent<&s::cpu_percent, s>},
    {{"reflector_cpu_frequency_hertz", gauge, "hertz", "Current frequency, mean of the cores."},
     [](const s& from) { return hertz(from.cpu_frequency_mhz); }},
    {{"reflector_cpu_physical_cores", gauge, "", "Cores."}, &plain<&s::cpu_physical_cores, s>},
    {{"reflector_cpu_logical_cores", gauge, "", "Hardware threads of all cores."},
     &plain<&s::cpu_logical_cores, s>},
    {{"reflector_cpu_temperature_celsius", gauge, "celsius", "Temperature of the CPU."},
     &plain<&s::cpu_celsius, s>},
    {{"reflector_gpu_temperature_celsius", gauge, "celsius", "Temperature of the GPU."},
     &plain<&s::gpu_celsius, s>},
    {{"reflector_processes", gauge, "", "Processes seen."}, &plain<&s::process_count, s>},
    {{"reflector_uptime_seconds", gauge, "seconds", "Since the host was started."},
     &plain<&s::uptime_seconds, s>},
    {{"reflector_agent_restarts_total", counter, "", "Restarts of the agent's actors."},
     [](const s& from) { return std::optional{static_cast<double>(from.restarts)}; }},
    {{"reflector_agent_samples_dropped_total", counter, "",
      "Samples that were measured and never committed."},
     [](const s& from) { return std::optional{static_cast<double>(from.dropped)}; }},
    {{"reflector_agent_degraded_level", gauge, "", "How much is left out on purpose; 0: nothing."},
     [](const s& from) { return std::optional{static_cast<double>(from.degraded_level)}; }},
}};

constexpr metric_family committed{"reflector_agent_samples_committed_total", counter, "",
                                  "Samples committed by this agent id: the sequence number."};

constexpr std::array<row_metric<interface>, 10> of_interface{{
    {{"node_network_receive_bytes_total", counter, "bytes", "Bytes received."},
     &plain<&interface::bytes_received, interface>},
    {{"node_network_transmit_bytes_total", counter, "bytes", "Bytes sent."},
     &plain<&interface::bytes_sent, interface>},
    {{"node_network_receive_packets_total", counter, "", "Packets received."},
     &plain<&interface::packets_received, interface>},
    {{"node_network_transmit_packets_total", counter, "", "Packets sent."},
     &plain<&interface::packets_sent, interface>},
    {{"node_network_receive_errs_total", counter, "", "Errors while receiving."},
     &plain<&interface::errors_in, interface>},
    {{"node_network_transmit_errs_total", counter, "", "Errors while sending."},
     &plain<&interface::errors_out, interface>},
    {{"node_network_receive_drop_total", counter, "", "Packets dropped while receiving."},
     &plain<&interface::drops_in, interface>},
    {{"node_network_transmit_drop_total", counter, "", "Packets dropped while sending."},
     &plain<&interface::drops_out, interface>},
    {{"node_network_speed_bytes", gauge, "bytes", "Speed of the link, in bytes a second."},
     [](const interface& from) -> std::optional<double> {
       if (!from.speed_mbps) return std::nullopt;
       return static_cast<double>(*from.speed_mbps) * 125'000;
     }},
    {{"reflector_network_up", gauge, "", "1: the interface can carry traffic."},
     &plain<&interface::is_up, interface>},
}};

constexpr std::array<row_metric<disk>, 4> of_disk{{
    {{"node_filesystem_size_bytes", gauge, "bytes", "Size of the file system."},
     &plain<&disk::total_bytes, disk>},
    {{"reflector_filesystem_used_bytes", gauge, "bytes", "What is in use of the file system."},
     &plain<&disk::used_bytes, disk>},
    {{"reflector_filesystem_used_ratio", gauge, "ratio",
      "In use, as a share of that and what ordinary users may still have."},
     &percent<&disk::used_percent, disk>},
    {{"reflector_filesystem_stuck", gauge, "", "1: the file system does not answer."},
     [](const disk& from) { return std::optional{from.stuck ? 1.0 : 0.0}; }},
}};

constexpr std::array<row_metric<process>, 2> of_process{{
    {{"reflector_top_process_cpu_ratio", gauge, "ratio",
      "CPU of the busiest processes, as a share of one core; rank 1 is the busiest."},
     &percent<&process::cpu_percent, process>},
    {{"reflector_top_process_memory_ratio", gauge, "ratio",
      "Share of memory that the busiest processes hold."},
     &percent<&process::memory_percent, process>},
}};

constexpr metric_family core_usage{"reflector_cpu_core_usage_ratio", gauge, "ratio",
                                   "Busy share of a core since the last sample."};
constexpr metric_family core_frequency{"reflector_cpu_core_frequency_hertz", gauge, "hertz",
                                       "Current frequency of a core."};
constexpr metric_family temperature{"reflector_temperature_celsius", gauge, "celsius",
                                    "Hottest sensor of a bank."};
constexpr metric_family position{"reflector_host_position", gauge, "", "Where the host stands."};
constexpr metric_family host_info{"reflector_host_info", info, "", "What the host is."};
constexpr metric_family agent_info{"reflector_agent_info", info, "", "Which agent measures."};
constexpr metric_family late{"reflector_collector_late", gauge, "",
                             "1: the collector missed the deadline of the sample."};
constexpr metric_family failed{"reflector_collector_failed", gauge, "",
                               "1: the collector failed to measure."};

class small_number {
 public:
  explicit small_number(std::size_t value)
      : end_(std::to_chars(text_.data(), text_.data() + text_.size(), value).ptr) {}
  std::string_view text() const {
    return {text_.data(), static_cast<std::size_t>(end_ - text_.data())};
  }

 private:
  std::array<char, 20> text_{};
  const char* end_;
};

bool same_series(const interface& one, const interface& other) {
  return one.name == other.name;
}

bool same_series(const disk& one, const disk& other) {
  return one.mount_point == other.mount_point && one.device == other.device &&
         one.type == other.type;
}

bool same_series(const recorded_sample::temperature& one,
                 const recorded_sample::temperature& other) {
  return one.bank == other.bank;
}

/// Without those that make the same series as one before. Some hundred rows at the most.
template <class Row>
std::vector<const Row*> distinct(const std::vector<Row>& rows) {
  std::vector<const Row*> all;
  all.reserve(rows.size());
  for (const Row& row : rows)
    if (std::none_of(all.begin(), all.end(),
                     [&](const Row* known) { return same_series(*known, row); }))
      all.push_back(&row);
  return all;
}

std::string_view tag_of(const recorded_sample& from, std::string_view name) {
  for (const auto& each : from.tags)
    if (each.name == name) return each.value;
  return {};
}

class visiting {
 public:
  visiting(const recorded_sample& from, const std::function<void(const host_metric&)>& visit)
      : from_(from), visit_(visit) {}

  void all() const {
    for (const auto& each : of_host) put(each.family, each.value(from_));
    if (from_.sequence > 0) put(committed, static_cast<double>(from_.sequence));
    cores(core_usage, from_.cpu_per_core_percent, &ratio);
    cores(core_frequency, from_.cpu_frequency_per_core_mhz, &hertz);
    interfaces();
    disks();
    for (const auto* each : distinct(from_.temperatures))
      put(temperature, {{"sensor", each->bank}}, each->celsius);
    processes();
    place();
    collectors(late, from_.late);
    collectors(failed, from_.failed);
    texts();
  }

 private:
  void put(const metric_family& family, std::optional<double> value) const {
    if (value) visit_({&family, {}, *value});
  }

  /// @param given in the order of their names; empty ones are left out
  template <std::size_t N>
  void put(const metric_family& family, const metric_label (&given)[N],
           std::optional<double> value) const {
    if (!value) return;
    std::array<metric_label, N> labels;
    std::size_t count = 0;
    for (const auto& each : given)
      if (!each.value.empty()) labels[count++] = each;
    visit_({&family, std::span<const metric_label>{labels.data(), count}, *value});
  }

  void cores(const metric_family& family, const std::vector<double>& values,
             std::optional<double> (*in_base_unit)(const std::optional<double>&)) const {
    for (std::size_t i = 0; i < values.size(); ++i) {
      const small_number core{i};
      put(family, {{"cpu", core.text()}}, in_base_unit(values[i]));
    }
  }

  void interfaces() const {
    const auto rows = distinct(from_.interfaces);
    for (const auto& each : of_interface)
      for (const auto* row : rows) put(each.family, {{"device", row->name}}, each.value(*row));
  }

  void disks() const {
    const auto rows = distinct(from_.disks);
    for (const auto& each : of_disk)
      for (const auto* row : rows)
        put(each.family,
            {{"device", row->device}, {"fstype", row->type}, {"mountpoint", row->mount_point}},
            each.value(*row));
  }

  void processes() const {
    for (const auto& each : of_process)
      for (std::size_t i = 0; i < from_.top_processes.size(); ++i) {
        const small_number rank{i + 1};
        put(each.family, {{"rank", rank.text()}}, each.value(from_.top_processes[i]));
      }
  }

  void place() const {
    if (!from_.place) return;
    put(position, {{"axis", "x"}}, from_.place->x);
    put(position, {{"axis", "y"}}, from_.place->y);
    put(position, {{"axis", "z"}}, from_.place->z);
  }

  void collectors(const metric_family& family, const std::vector<std::string_view>& named) const {
    for (const auto name : collector_names) {
      const bool is_named = std::find(named.begin(), named.end(), name) != named.end();
      put(family, {{"collector", name}}, is_named ? 1 : 0);
    }
  }

  void texts() const {
    put(host_info,
        {{"bios_version", from_.bios_version},
         {"cpu_model", from_.cpu_model},
         {"hostname", from_.hostname},
         {"ipv4", from_.ipv4},
         {"os_distro", from_.os_distro},
         {"os_kernel", from_.os_kernel},
         {"os_release", from_.os_release},
         {"platform", from_.platform},
         {primary_disk, tag_of(from_, primary_disk)},
         {primary_interface, tag_of(from_, primary_interface)},
         {"system_manufacturer", from_.system_manufacturer},
         {"system_model", from_.system_model}},
        1);
    put(agent_info,
        {{"agent_id", from_.agent_id},
         {"boot_id", from_.boot_id},
         {"version", from_.agent_version}},
        1);
  }

  const recorded_sample& from_;
  const std::function<void(const host_metric&)>& visit_;
};

std::string label_name(std::string_view tag) {
  std::string name{tag};
  for (char& c : name)
    if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))) c = '_';
  if (name.empty() || (name.front() >= '0' && name.front() <= '9')) name.insert(0, "_");
  const bool is_taken =
      std::find(own_label_names.begin(), own_label_names.end(), name) != own_label_names.end() ||
      name.starts_with("__");
  return is_taken ? "tag_" + name : name;
}

}  // namespace

void visit_host_metrics(const recorded_sample& from,
                        const std::function<void(const host_metric&)>& visit) {
  visiting{from, visit}.all();
}

std::vector<owned_label> host_labels(const recorded_sample& from) {
  std::vector<owned_label> all;
  if (!from.rack.empty()) all.push_back({"rack", std::string{from.rack}});
  const auto is_used = [&](const std::string& name) {
    return std::any_of(all.begin(), all.end(), [&](const auto& each) { return each.name == name; });
  };
  for (const auto& tag : from.tags) {
    if (tag.value.empty() || tag.name == primary_interface || tag.name == primary_speed ||
        tag.name == primary_disk)
      continue;
    const std::string wanted = label_name(tag.name);
    std::string name = wanted;
    for (std::size_t n = 2; is_used(name); ++n) name = wanted + '_' + std::to_string(n);
    all.push_back({std::move(name), std::string{tag.value}});
  }
  std::sort(all.begin(), all.end(),
            [](const auto& one, const auto& other) { return one.name < other.name; });
  return all;
}

}  // namespace reflector
