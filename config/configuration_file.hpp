#pragma once

#include "messages/fault.hpp"

#include <cstddef>
#include <string>

namespace reflector {

inline constexpr std::size_t max_configuration_bytes = std::size_t{1} << 20;

/// The content of a regular file of at most 1 MiB. Never blocks on a FIFO or a device. The fault's
/// text is what was expected, without the path.
result<std::string> read_configuration_file(const std::string& path);

}  // namespace reflector
