#pragma once

#include <string>
#include <string_view>

namespace reflector {

// What std::tolower and std::isspace do, but whatever the locale is.

inline std::string lower_case(std::string_view text) {
  std::string lowered{text};
  for (char& c : lowered)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return lowered;
}

inline constexpr std::string_view white_space = " \t\r\n\v\f";

/// Without the characters of `edges` at both ends.
inline std::string_view trimmed(std::string_view text, std::string_view edges) {
  const auto first = text.find_first_not_of(edges);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(edges) - first + 1);
}

}  // namespace reflector
