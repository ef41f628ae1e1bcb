#pragma once

#include "messages/fault.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace reflector {

struct quantity_unit {
  std::string_view suffix;
  std::uint64_t size;  ///< in the smallest unit; below 2^43
};

/// "1.5s" and the like: a decimal number (at most 15 digits, then at most 6 after a point),
/// directly followed by the suffix of one of `units`. The value in the smallest unit, at most 2^63
/// - 1; malformed where it isn't a whole number of those.
result<std::uint64_t> parse_quantity(std::string_view text, std::span<const quantity_unit> units);

/// The shortest exact "NUMBERsuffix" with a whole number; of equally short ones, the unit that
/// comes first.
std::string format_quantity(std::uint64_t value, std::span<const quantity_unit> units);

}  // namespace reflector
