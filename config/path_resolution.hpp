#pragma once

#include "config/configuration.hpp"

#include <filesystem>

namespace reflector {

/// Makes every path that was given absolute: an endpoint's file relative to state_dir, the others
/// to `folder` (the configuration file's, absolute). An endpoint's "-" stays.
void resolve_paths(configuration& config, const std::filesystem::path& folder);

}  // namespace reflector
