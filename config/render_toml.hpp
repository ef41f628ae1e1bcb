#pragma once

#include "config/configuration.hpp"

#include <string>
#include <string_view>

namespace reflector {

enum class annotation {
  none,
  meanings,  ///< each key with its meaning; absent keys as comments, with an example
};

/// TOML that loads to the same configuration. Strings are valid UTF-8 without NUL, as those of a
/// loaded one are.
std::string render_toml(const configuration& config, annotation notes = annotation::none);

/// A TOML basic string, escaped.
std::string toml_string(std::string_view text);

}  // namespace reflector
