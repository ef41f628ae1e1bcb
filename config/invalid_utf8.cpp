#include "config/invalid_utf8.hpp"

#include <algorithm>

#include <simdjson.h>

namespace reflector {

/// No byte of a multi-byte character is a newline, so each line can be checked by itself.
std::optional<unsigned> first_line_of_invalid_utf8(std::string_view text) {
  if (simdjson::validate_utf8(text.data(), text.size())) return std::nullopt;
  unsigned line = 1;
  for (;; ++line) {
    const auto end = std::min(text.find('\n'), text.size());
    if (!simdjson::validate_utf8(text.data(), end)) return line;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

}  // namespace reflector
