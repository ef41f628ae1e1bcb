#pragma once

#include "actors/collect/collector.hpp"
#include "actors/collect/host_files.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace reflector {

/// PRETTY_NAME of os-release(5), else NAME and VERSION_ID, unquoted; empty where it has none.
std::string parse_distribution(std::string_view os_release);

struct cpuinfo {
  std::string model;  ///< empty where it isn't said
  std::optional<unsigned> physical_cores, logical_cores;
};

/// /proc/cpuinfo: the model by its name on x86, or what ARM, POWER, RISC-V and MIPS say instead;
/// logical cores are its "processor" entries, physical ones the distinct pairs of "physical id" and
/// "core id".
cpuinfo parse_cpuinfo(std::string_view text);

/// The number of CPUs in a list such as "0-3,8,10-11" (Documentation/admin-guide/cputopology.rst).
std::optional<unsigned> count_cpu_list(std::string_view text);

/// A DMI string (/sys/class/dmi/id), or empty where the board's maker left the placeholder in it.
std::string parse_dmi(std::string_view text);

/// The first number of /proc/uptime: seconds since boot.
result<double> parse_uptime(std::string_view text);

/// All but the uptime is up to 10 minutes old. Needs proc/uptime; whatever else can't be read is
/// absent.
std::unique_ptr<collector> make_host_collector(host_files& files);

}  // namespace reflector
