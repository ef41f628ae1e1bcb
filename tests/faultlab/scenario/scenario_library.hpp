#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <tl/expected.hpp>

namespace reflector::faultlab {

/// Where the lab's own scenarios are: $FAULTLAB_SCENARIOS; else, installed,
/// ../share/reflector-faultlab/scenarios from this program; else FAULTLAB_SCENARIOS_DIR, beside the
/// source. The error says where was looked.
tl::expected<std::filesystem::path, std::string> scenario_library();

/// Names of its scenarios, the NAME.toml files, in order; none where there is no library.
std::vector<std::string> scenario_names();

/// The file of a scenario: `wanted` is a path where it has a `/` or ends with .toml, otherwise a
/// name of the library. The error has the nearest name.
tl::expected<std::filesystem::path, std::string> find_scenario(const std::string& wanted);

}  // namespace reflector::faultlab
