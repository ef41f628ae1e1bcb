#pragma once

#include "config/configuration.hpp"

#include <filesystem>
#include <functional>
#include <string>

namespace reflector {

/// The folder (absolute) of the file in which an effective key was written, "endpoint[1].ca_file".
using folder_of_key = std::function<std::filesystem::path(const std::string& key)>;

/// Makes every path that was given absolute: an endpoint's file relative to state_dir, the others
/// to the folder of the file that they are in. An endpoint's "-" stays.
void resolve_paths(configuration& config, const folder_of_key& folder_of);

}  // namespace reflector
