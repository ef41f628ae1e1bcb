#pragma once

#include "messages/fault.hpp"

#include <cstdint>
#include <string_view>

namespace reflector {

/// Both ends in it.
struct sequence_range {
  std::uint64_t from = 1;
  std::uint64_t to = std::uint64_t{1} << 62;

  friend bool operator==(const sequence_range&, const sequence_range&) = default;
};

/// "17", "17-20", or "17-" for all from there on.
result<sequence_range> parse_sequence_range(std::string_view text);

}  // namespace reflector
