#pragma once

#include "actors/collect/collector.hpp"
#include "actors/collect/host_files.hpp"
#include "actors/collect/prober.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace reflector {

/// Whether there are files of sensors; opens none of them.
bool has_sensors(host_files& files);

/// What sensors.hpp measures, read through a prober (its question is sensors_question). Sensors
/// that hang are a fault; before the first answer there is one too. Where there are no sensors
/// nothing is asked.
std::unique_ptr<collector> make_probed_sensors_collector(host_files& files, prober& readers);

inline constexpr std::string_view sensors_question = "temperatures";

// An answer is text. Its first line is the CPU's temperature, its second the GPU's, each may be
// empty. Every other line is a bank: its temperature, a tab, and its name, which has no control
// characters. Temperatures are in degrees Celsius.

std::string encode_sensors_answer(const sensors_reading& said);

/// Malformed where it isn't an answer.
result<sensors_reading> decode_sensors_answer(std::string_view answer);

inline constexpr std::string_view sensor_probe_name = "sensor-probe";

/// The hidden subcommand "sensor-probe ROOT": a helper process (helper_process.hpp).
/// @return the process's exit code
int sensor_probe_command(const std::string& host_root);

}  // namespace reflector
