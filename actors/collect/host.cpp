#include "actors/collect/host.hpp"

#include "actors/collect/proc_text.hpp"
#include "actors/text/ascii.hpp"
#include "actors/text/quoted.hpp"
#include "actors/text/utf8.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <set>
#include <sys/utsname.h>
#include <utility>

namespace reflector {

namespace {

constexpr std::size_t small_cap = 4096;
constexpr std::size_t os_release_cap = 64 * 1024;
constexpr std::size_t cpuinfo_cap = 8 * 1024 * 1024;
constexpr std::size_t longest_fact = 256;
constexpr unsigned most_cpus = 65'536;
constexpr std::chrono::minutes facts_age{10};

/// The value of an assignment in shell syntax: quotes off, backslash escapes resolved.
std::string unquote(std::string_view value) {
  value = trimmed(value);
  if (value.size() >= 2 && value.front() == value.back() &&
      (value.front() == '"' || value.front() == '\'')) {
    const bool single = value.front() == '\'';
    value = value.substr(1, value.size() - 2);
    if (single) return std::string{value};
  }
  std::string text;
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (value[i] == '\\' && i + 1 < value.size()) ++i;
    text += value[i];
  }
  return text;
}

std::string fact(std::string_view text) {
  return printable_utf8(trimmed(text).substr(0, longest_fact));
}

}  // namespace

std::string parse_distribution(std::string_view os_release) {
  std::string pretty, name, version;
  while (!os_release.empty()) {
    const auto line = trimmed(take_line(os_release));
    const auto equals = line.find('=');
    if (equals == std::string_view::npos || line.starts_with('#')) continue;
    const auto key = line.substr(0, equals);
    if (key == "PRETTY_NAME") pretty = unquote(line.substr(equals + 1));
    if (key == "NAME") name = unquote(line.substr(equals + 1));
    if (key == "VERSION_ID") version = unquote(line.substr(equals + 1));
  }
  if (!pretty.empty()) return fact(pretty);
  return fact(version.empty() || name.empty() ? name : name + " " + version);
}

cpuinfo parse_cpuinfo(std::string_view text) {
  // In the order of preference: x86, POWER, some ARM, MIPS, RISC-V, other ARM.
  constexpr std::array<std::string_view, 7> model_keys{
      "model name", "cpu", "Processor", "cpu model", "uarch", "Model", "Hardware"};
  std::array<std::string, model_keys.size()> models;
  std::set<std::pair<unsigned, unsigned>> cores;
  unsigned processors = 0, package = 0;
  while (!text.empty()) {
    const auto line = take_line(text);
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    const auto key = trimmed(line.substr(0, colon));
    const auto value = trimmed(line.substr(colon + 1));
    if (key == "processor") {
      if (processors < most_cpus) ++processors;
      package = 0;
    } else if (key == "physical id") {
      package = number_in<unsigned>(value).value_or(0);
    } else if (key == "core id") {
      if (const auto core = number_in<unsigned>(value); core && cores.size() < most_cpus)
        cores.emplace(package, *core);
    } else {
      const auto known = std::ranges::find(model_keys, key);
      if (known == model_keys.end()) continue;
      auto& model = models[static_cast<std::size_t>(known - model_keys.begin())];
      if (model.empty()) model = fact(value);
    }
  }
  cpuinfo said;
  const auto model =
      std::ranges::find_if(models, [](const std::string& one) { return !one.empty(); });
  if (model != models.end()) said.model = *model;
  if (processors > 0) said.logical_cores = processors;
  if (!cores.empty()) said.physical_cores = static_cast<unsigned>(cores.size());
  return said;
}

std::optional<unsigned> count_cpu_list(std::string_view text) {
  text = trimmed(text);
  unsigned count = 0;
  while (!text.empty()) {
    const auto comma = text.find(',');
    const auto range = text.substr(0, comma);
    text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
    const auto dash = range.find('-');
    const auto first = number_in<unsigned>(range.substr(0, dash));
    const auto last =
        dash == std::string_view::npos ? first : number_in<unsigned>(range.substr(dash + 1));
    if (!first || !last || *last < *first || *last >= most_cpus) return std::nullopt;
    count += *last - *first + 1;
    if (count > most_cpus) return std::nullopt;
  }
  return count == 0 ? std::nullopt : std::optional{count};
}

std::string parse_dmi(std::string_view text) {
  constexpr std::array<std::string_view, 12> placeholders{"to be filled by o.e.m.",
                                                          "to be filled by o.e.m",
                                                          "default string",
                                                          "system manufacturer",
                                                          "system product name",
                                                          "system version",
                                                          "not specified",
                                                          "not applicable",
                                                          "none",
                                                          "o.e.m.",
                                                          "oem",
                                                          "unknown"};
  auto said = fact(text);
  const auto lowered = lower_case(said);
  if (std::ranges::find(placeholders, lowered) != placeholders.end()) return {};
  if (lowered.find_first_not_of("0 .-x") == std::string::npos) return {};  // "0000000000", "x.x"
  return said;
}

result<double> parse_uptime(std::string_view text) {
  const auto whole = text;
  const auto seconds = decimal_in(take_field(text));
  if (!seconds) return failure(fault_code::malformed, "proc/uptime: not seconds: " + quoted(whole));
  return *seconds;
}

namespace {

class host_collector final : public collector {
 public:
  explicit host_collector(host_files& files)
      : files_{files}, uptime_{files.keep("proc/uptime", small_cap)} {}

  result<reading> measure(monotonic_time now) override {
    const auto text = uptime_->read();
    if (!text) return tl::unexpected<fault>{text.error()};
    const auto uptime = parse_uptime(*text);
    if (!uptime) return tl::unexpected<fault>{uptime.error()};
    if (!facts_read_ || now - *facts_read_ >= facts_age) {
      facts_read_ = now;
      facts_ = {};
      read_kernel();
      read_hardware();
      read_cores();
    }
    facts_.uptime_seconds = *uptime;
    return facts_;
  }

 private:
  std::string first_of(std::initializer_list<const char*> paths) {
    for (const char* const path : paths) {
      const auto text = files_.read(path, small_cap);
      if (text && !trimmed(*text).empty()) return fact(*text);
    }
    return {};
  }

  std::string first_dmi(std::initializer_list<const char*> names) {
    for (const char* const name : names) {
      const auto text = files_.read(std::string{"sys/class/dmi/id/"} + name, small_cap);
      if (!text) continue;
      if (auto said = parse_dmi(*text); !said.empty()) return said;
    }
    return {};
  }

  void read_kernel() {
    utsname own{};
    const bool has_own = ::uname(&own) == 0;
    if (files_.is_own_system() && has_own) {
      facts_.hostname = fact(own.nodename);
    } else {
      // The kernel answers proc/sys/kernel/hostname with the reader's own name, which in a
      // container isn't the host's.
      std::string_view line;
      const auto etc_hostname = files_.read("etc/hostname", small_cap);
      for (std::string_view text = etc_hostname ? *etc_hostname : std::string_view{};
           !text.empty();) {
        line = trimmed(take_line(text));
        if (!line.empty() && !line.starts_with('#')) break;
        line = {};
      }
      facts_.hostname = line.empty() ? first_of({"proc/sys/kernel/hostname"}) : fact(line);
    }
    facts_.kernel_release = first_of({"proc/sys/kernel/osrelease"});
    facts_.kernel_version = first_of({"proc/sys/kernel/version"});
    auto machine = first_of({"proc/sys/kernel/arch"});
    if (has_own && files_.is_own_system()) {
      if (facts_.kernel_release.empty()) facts_.kernel_release = fact(own.release);
      if (facts_.kernel_version.empty()) facts_.kernel_version = fact(own.version);
    }
    // Since Linux 6.1; a container's host has the same machine as the container.
    if (machine.empty() && has_own) machine = fact(own.machine);
    facts_.platform = "Linux";
    for (const auto& part : {facts_.kernel_release, machine}) {
      if (!part.empty()) facts_.platform += "-" + part;
    }
    facts_.boot_id = first_of({"proc/sys/kernel/random/boot_id"});
    for (const char* const path : {"etc/os-release", "usr/lib/os-release"}) {
      if (const auto text = files_.read(path, os_release_cap))
        facts_.distribution = parse_distribution(*text);
      if (!facts_.distribution.empty()) break;
    }
  }

  void read_hardware() {
    facts_.manufacturer = first_dmi({"sys_vendor", "board_vendor", "chassis_vendor"});
    facts_.model = first_dmi({"product_name", "board_name"});
    facts_.bios_version = first_dmi({"bios_version"});
    if (facts_.model.empty()) {
      facts_.model = first_of({"proc/device-tree/model", "sys/firmware/devicetree/base/model"});
    }
  }

  void read_cores() {
    const auto text = files_.read("proc/cpuinfo", cpuinfo_cap);
    auto info = text ? parse_cpuinfo(*text) : cpuinfo{};
    facts_.cpu_model = std::move(info.model);
    const auto online = files_.read("sys/devices/system/cpu/online", small_cap);
    facts_.logical_cores = online ? count_cpu_list(*online) : std::nullopt;
    if (!facts_.logical_cores) facts_.logical_cores = info.logical_cores;
    facts_.physical_cores = info.physical_cores ? info.physical_cores : cores_in_topology();
  }

  /// Cores are told apart by the set of CPUs that share them.
  std::optional<unsigned> cores_in_topology() {
    const std::string folder = "sys/devices/system/cpu";
    std::set<std::string> cores;
    for (const auto& name : files_.list(folder).value_or(std::vector<std::string>{})) {
      if (!name.starts_with("cpu") || !number_in<unsigned>(std::string_view{name}.substr(3)))
        continue;
      const auto topology = folder + "/" + name + "/topology/";
      auto siblings = files_.read(topology + "core_cpus_list", small_cap);
      if (!siblings) siblings = files_.read(topology + "thread_siblings_list", small_cap);
      if (siblings) cores.insert(std::string{trimmed(*siblings)});
    }
    if (cores.empty()) return std::nullopt;
    return static_cast<unsigned>(cores.size());
  }

  host_files& files_;
  std::unique_ptr<kept_file> uptime_;
  host_reading facts_;
  std::optional<monotonic_time> facts_read_;
};

}  // namespace

std::unique_ptr<collector> make_host_collector(host_files& files) {
  return std::make_unique<host_collector>(files);
}

}  // namespace reflector
