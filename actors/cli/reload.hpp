#pragma once

#include "config/configuration.hpp"
#include "config/configuration_load.hpp"

#include <functional>
#include <string>
#include <vector>

#include <tl/expected.hpp>

namespace reflector {

/// Loads the configuration as the command line says, at the start and at each SIGHUP. An error is a
/// line each.
using load_configured =
    std::function<tl::expected<loaded_configuration, std::vector<std::string>>()>;

/// A configuration that was read while the agent runs.
struct changed_configuration {
  configuration value;                 ///< what it goes on with
  std::vector<std::string> at_restart; ///< keys that differ and count only from the next start on
};

/// Keeps what a running agent can't change: where its state and its host are, and its log but for
/// the level. @param running as it is, the host's own name filled in
changed_configuration change_of(const configuration& running, configuration next,
                                const std::string& hosts_own_name);

}  // namespace reflector
