#pragma once

#include "actors/collect/collector.hpp"
#include "actors/collect/host_files.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reflector {

/// A tempN_input of hwmon or a thermal zone's temp (Documentation/hwmon/sysfs-interface.rst):
/// thousandths of a degree Celsius. Nothing where it is no number, or below -100 or over 250 °C,
/// which only a broken sensor says.
std::optional<double> parse_celsius(std::string_view text);

/// One input as it was read.
struct temperature_input {
  std::string label;  ///< may be empty
  double celsius = 0;
};

/// One chip (hwmon device) or thermal zone with what its inputs say now.
struct temperature_bank {
  std::string chip;  ///< distinct: "nvme", "nvme#2"
  std::string kind;  ///< the driver's name: "nvme"
  std::vector<temperature_input> inputs;
};

/// The hottest of each bank by "chip:label", or "chip" where that input has no label. The CPU's:
/// the hottest bank of the kinds that measure a CPU, else of the board's ACPI zone; the GPU's
/// likewise.
sensors_reading to_sensors_reading(const std::vector<temperature_bank>& banks);

/// What there is to read is listed every 60 s; temperatures are up to 1 s old. No sensors is an
/// empty reading. Reading one may wait for a slow bus.
std::unique_ptr<collector> make_sensors_collector(host_files& files);

}  // namespace reflector
