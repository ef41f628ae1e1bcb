#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace reflector {

/// What stands at the beginning of some bytes: a character, or the maximal subpart of an ill-formed
/// one (Unicode Standard, chapter 3.9).
struct utf8_character {
  std::size_t length;  ///< at least 1
  bool valid;
};

/// @param bytes not empty
utf8_character first_character(std::string_view bytes);

/// U+0000 to U+001F and U+007F to U+009F, all of which may steer a terminal.
/// @param character valid
bool is_control(std::string_view character);

/// The same text with every maximal subpart of an ill-formed sequence replaced by one U+FFFD, as
/// the Unicode Standard ("U+FFFD Substitution of Maximal Subparts") and the decoders of browsers
/// and Python do it. Valid UTF-8 comes back unchanged.
std::string with_valid_utf8(std::string_view bytes);

/// The same, with U+FFFD in place of every control character too.
std::string printable_utf8(std::string_view bytes);

/// The first bytes, at most `max_bytes`, ending with a whole character where the text is valid.
std::string_view utf8_head(std::string_view text, std::size_t max_bytes);

/// The last bytes of valid UTF-8, at most `max_bytes`, beginning at a character.
std::string_view utf8_tail(std::string_view text, std::size_t max_bytes);

/// The same bytes without the end of a character whose beginning was cut off: at most three
/// continuation bytes.
std::string_view without_cut_character(std::string_view bytes);

/// The same bytes without the beginning of a character whose end was cut off: at most three bytes.
std::string_view without_begun_character(std::string_view bytes);

}  // namespace reflector
