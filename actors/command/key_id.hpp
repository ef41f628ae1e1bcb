#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace reflector {

inline constexpr std::size_t max_key_id_bytes = 64;
inline constexpr std::string_view what_a_key_id_is = "a key id, 1 to 64 of a-z A-Z 0-9 . _ -";

inline bool may_be_in_key_id(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '-';
}

inline bool is_key_id(std::string_view text) {
  return !text.empty() && text.size() <= max_key_id_bytes &&
         std::all_of(text.begin(), text.end(), may_be_in_key_id);
}

}  // namespace reflector
