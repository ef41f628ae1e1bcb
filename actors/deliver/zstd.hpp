#pragma once

#include <string>
#include <string_view>

namespace reflector {

/// One frame (RFC 8878), at the library's default level.
std::string zstd(std::string_view content);

}  // namespace reflector
