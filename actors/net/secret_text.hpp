#pragma once

#include "messages/fault.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace reflector {

inline constexpr std::size_t max_secret_bytes = 8 * 1024;

/// The secret that `content` is: one line of printable ASCII, at most max_secret_bytes with the
/// white space around it, which is dropped. Faults (too_large, malformed) begin with `from` and
/// never quote what is in it.
result<std::string> secret_in(std::string_view content, const std::string& from);

/// The secret in an environment variable. Faults name it, and `key`, the configuration's, as well:
/// missing, and those of secret_in.
result<std::string> read_secret_variable(const std::string& key, const std::string& variable);

}  // namespace reflector
