#pragma once

#include "config/agent_account.hpp"
#include "config/config_error.hpp"
#include "config/configuration.hpp"
#include "config/environment_substitution.hpp"

#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

namespace reflector {

struct loaded_configuration {
  configuration value;                ///< effective: defaults filled in, every path absolute
  std::string path;                   ///< of the file, absolute
  std::vector<std::string> included;  ///< files, in the order in which they were read
  std::vector<std::string> warnings;  ///< one line each, with file, line and key
};

using load_outcome = tl::expected<loaded_configuration, std::vector<config_error>>;

/// Reads, checks and completes a configuration file: TOML with what it includes and the environment
/// variables that it names, or the JSON of the agent before this one (by the ending .json or a
/// first character that is a brace). Every fault is reported at once, in the order of files and
/// lines; nothing is created or changed. Files that hold credentials are checked, not read. Where
/// it says which commands may be run, nobody but root and the agent may be able to say otherwise:
/// trusted_file.hpp is about all files of the configuration too.
/// @param agent that is to run on it
load_outcome load_configuration(const std::string& path, const agent_account& agent = own_account(),
                                const environment_lookup& environment = process_environment);

/// The same for text that would stand in the file at `path`, which need not exist and is not looked
/// at; files that the text includes are.
load_outcome load_configuration_text(std::string_view text, const std::string& path,
                                     const agent_account& agent = own_account(),
                                     const environment_lookup& environment = process_environment);

}  // namespace reflector
