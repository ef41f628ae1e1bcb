#include "tests/faultlab/report/escape.hpp"

#include "actors/text/utf8.hpp"

namespace reflector::faultlab {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

/// U+202A to U+202E, U+2066 to U+2069, U+FFFE and U+FFFF.
bool misleading(std::string_view character) {
  return (character >= "\xE2\x80\xAA" && character <= "\xE2\x80\xAE") ||
         (character >= "\xE2\x81\xA6" && character <= "\xE2\x81\xA9") ||
         character == "\xEF\xBF\xBE" || character == "\xEF\xBF\xBF";
}

std::string_view escaped(std::string_view character) {
  switch (character.front()) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\'':
      return "&#39;";
    default:
      return character;
  }
}

}  // namespace

std::string markup(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const auto [length, valid] = first_character(text);
    const auto character = text.substr(0, length);
    text.remove_prefix(length);
    if (character == "\n" || character == "\t")
      out += character;
    else if (!valid || is_control(character) || misleading(character))
      out += replacement;
    else
      out += escaped(character);
  }
  return out;
}

}  // namespace reflector::faultlab
