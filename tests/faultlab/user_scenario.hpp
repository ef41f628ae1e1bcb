#pragma once

#include "tests/faultlab/scenario/scenario.hpp"

#include <filesystem>
#include <optional>
#include <string>

namespace reflector::faultlab {

/// Makes a scenario fit a user's configuration: its endpoints become the user's, by name, and a
/// fault aimed at one of the scenario's goes to the user's in the same place. What a user's agent
/// can't be asked is left out (commands, when it has no queue). The error, if it can't be read.
std::optional<std::string> adopt_configuration(scenario& plan,
                                               const std::filesystem::path& configuration);

}  // namespace reflector::faultlab
