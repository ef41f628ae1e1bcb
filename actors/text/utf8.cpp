#include "actors/text/utf8.hpp"

namespace reflector {
namespace {

bool continues(unsigned char c) {
  return (c & 0xC0U) == 0x80U;
}

/// What may follow a lead byte: Unicode Standard, table 3-7. `length` 0: not a lead byte.
struct lead {
  std::size_t length = 0;
  unsigned char second_from = 0x80, second_to = 0xBF;
};

lead lead_of(unsigned char c) {
  if (c < 0x80) return {1};
  if (c < 0xC2) return {0};
  if (c < 0xE0) return {2};
  if (c == 0xE0) return {3, 0xA0, 0xBF};
  if (c == 0xED) return {3, 0x80, 0x9F};  // no surrogates
  if (c < 0xF0) return {3};
  if (c == 0xF0) return {4, 0x90, 0xBF};
  if (c < 0xF4) return {4};
  if (c == 0xF4) return {4, 0x80, 0x8F};  // nothing past U+10FFFF
  return {0};
}

std::string replaced(std::string_view bytes, bool with_controls) {
  std::string text;
  text.reserve(bytes.size());
  while (!bytes.empty()) {
    const auto [length, valid] = first_character(bytes);
    const auto character = bytes.substr(0, length);
    if (valid && !(with_controls && is_control(character)))
      text += character;
    else
      text += "\xEF\xBF\xBD";
    bytes.remove_prefix(length);
  }
  return text;
}

}  // namespace

utf8_character first_character(std::string_view bytes) {
  const auto at = [&](std::size_t n) { return static_cast<unsigned char>(bytes[n]); };
  const lead expected = lead_of(at(0));
  if (expected.length == 0) return {1, false};
  for (std::size_t n = 1; n < expected.length; ++n) {
    if (n == bytes.size()) return {n, false};
    const bool fits =
        n == 1 ? at(1) >= expected.second_from && at(1) <= expected.second_to : continues(at(n));
    if (!fits) return {n, false};
  }
  return {expected.length, true};
}

bool is_control(std::string_view character) {
  const auto first = static_cast<unsigned char>(character[0]);
  if (character.size() == 1) return first < 0x20 || first == 0x7f;
  return first == 0xc2 && static_cast<unsigned char>(character[1]) < 0xa0;
}

std::string with_valid_utf8(std::string_view bytes) {
  return replaced(bytes, false);
}

std::string printable_utf8(std::string_view bytes) {
  return replaced(bytes, true);
}

std::string_view utf8_head(std::string_view text, std::size_t max_bytes) {
  if (text.size() <= max_bytes) return text;
  std::size_t end = max_bytes;
  // At most three steps back: what is not UTF-8 is cut anywhere.
  while (end > 0 && max_bytes - end < 3 && continues(static_cast<unsigned char>(text[end]))) --end;
  return text.substr(0, end);
}

std::string_view utf8_tail(std::string_view text, std::size_t max_bytes) {
  if (text.size() <= max_bytes) return text;
  text.remove_prefix(text.size() - max_bytes);
  return without_cut_character(text);
}

std::string_view without_cut_character(std::string_view bytes) {
  for (int n = 0; n < 3 && !bytes.empty() && continues(static_cast<unsigned char>(bytes[0])); ++n) {
    bytes.remove_prefix(1);
  }
  return bytes;
}

std::string_view without_begun_character(std::string_view bytes) {
  for (std::size_t n = 1; n <= 3 && n <= bytes.size(); ++n) {
    const auto last = bytes.substr(bytes.size() - n);
    const auto first = static_cast<unsigned char>(last[0]);
    if (continues(first)) continue;
    // All that is there fits, and more is to come.
    const bool is_begun = lead_of(first).length > n && first_character(last).length == n;
    return is_begun ? bytes.substr(0, bytes.size() - n) : bytes;
  }
  return bytes;
}

}  // namespace reflector
