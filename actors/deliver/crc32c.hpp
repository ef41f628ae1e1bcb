#pragma once

#include <cstdint>
#include <string_view>

namespace reflector {

/// CRC-32C (Castagnoli, RFC 3720 appendix B.4) of these bytes.
/// @param before of the bytes before these, to continue it
std::uint32_t crc32c(std::string_view bytes, std::uint32_t before = 0);

/// The same, on any processor: an eighth as fast as with x86's instruction for it.
std::uint32_t crc32c_by_table(std::string_view bytes, std::uint32_t before = 0);

}  // namespace reflector
