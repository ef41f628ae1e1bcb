#pragma once

#include "messages/fault.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace reflector {

/// "102400B", "96KiB", "5MB", "1.5GiB": a decimal number and B, KiB, MiB, GiB, TiB (powers of 1024)
/// or KB, MB, GB, TB (powers of 1000).
result<std::uint64_t> parse_byte_size(std::string_view text);

/// The shortest such text with a whole number. `bytes` is at most 2^63 - 1.
std::string format_byte_size(std::uint64_t bytes);

}  // namespace reflector
