#pragma once

#include <array>
#include <string_view>

namespace reflector {

/// SHA-256 (FIPS 180-4) of these bytes.
std::array<unsigned char, 32> sha256(std::string_view bytes);

}  // namespace reflector
