#include "actors/text/quoted.hpp"

#include "actors/text/utf8.hpp"

#include <cstddef>

namespace reflector {
namespace {

void append_escaped(std::string& out, std::string_view bytes) {
  constexpr std::string_view hexadecimal = "0123456789abcdef";
  for (char byte : bytes) {
    if (byte == '\n') {
      out += "\\n";
    } else if (byte == '\t') {
      out += "\\t";
    } else {
      const auto value = static_cast<unsigned char>(byte);
      out += {'\\', 'x', hexadecimal[value >> 4], hexadecimal[value & 15]};
    }
  }
}

std::string escape(std::string_view input, std::size_t max_characters, bool& was_cut) {
  std::string out;
  std::size_t characters = 0;
  std::size_t at = 0;
  for (; at < input.size() && characters < max_characters; ++characters) {
    const auto [length, valid] = first_character(input.substr(at));
    const auto character = input.substr(at, length);
    if (!valid || is_control(character)) {
      append_escaped(out, character);
    } else {
      out += character;
    }
    at += character.size();
  }
  was_cut = at < input.size();
  return out;
}

}  // namespace

std::string printable(std::string_view input) {
  bool was_cut = false;
  return escape(input, input.size(), was_cut);
}

std::string quoted(std::string_view input, std::size_t max_characters) {
  bool was_cut = false;
  auto text = escape(input, max_characters, was_cut);
  return "`" + text + (was_cut ? "…`" : "`");
}

}  // namespace reflector
