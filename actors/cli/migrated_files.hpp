#pragma once

#include "config/configuration.hpp"

#include <string>
#include <vector>

namespace reflector {

struct migrated_file {
  std::string name;     ///< "10-agent.toml"
  std::string content;  ///< TOML
};

/// A configuration in files that `include = "conf.d/*.toml"` puts together again: 10-agent.toml
/// with everything but sections that there may be several of, 20-endpoints.toml, 30-commands.toml.
/// Only keys that differ from their defaults, so that other files may set the rest; no file that
/// would be empty. @param from said in a comment
std::vector<migrated_file> files_for_include(const configuration& config, const std::string& from);

}  // namespace reflector
