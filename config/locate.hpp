#pragma once

#include "messages/fault.hpp"

#include <optional>
#include <string>

namespace reflector {

/// Where a configuration file is looked for, first to last.
struct configuration_places {
  std::optional<std::string> option;       ///< --config
  std::optional<std::string> environment;  ///< $MIRROR_STAGE_REFLECTOR_CONFIG; empty is unset
  std::string system_file = "/etc/reflector/reflector.toml";
  std::string working_directory_file = "config.json";  ///< where the agent before this one had it
};

/// The environment's part filled in.
configuration_places places_from_environment(std::optional<std::string> option);

/// A file that was asked for by option or environment is taken whether it exists or not, so that
/// its absence is reported under its name. The fault lists what was tried.
result<std::string> locate_configuration(const configuration_places& places);

}  // namespace reflector
