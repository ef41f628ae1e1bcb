#pragma once

#include <cstdint>
#include <string_view>

namespace reflector {

/// CRC-32C (Castagnoli): of "123456789" it is 0xe3069283.
/// @param before of the bytes that come before these ones; 0 where there are none
std::uint32_t crc32c(std::string_view bytes, std::uint32_t before = 0);

}  // namespace reflector
