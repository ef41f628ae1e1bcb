#pragma once

#include <charconv>
#include <optional>
#include <string>
#include <string_view>

namespace reflector {

// Reading the kernel's text files: lines of fields separated by blanks. Nothing here allocates.

/// Takes the first line (without its newline) off `text`. An empty `text` gives an empty line.
std::string_view take_line(std::string_view& text);

/// Takes the first field off `line`: leading blanks and tabs skipped, up to the next blank. Empty
/// at the end.
std::string_view take_field(std::string_view& line);

/// Without blanks, tabs, newlines and NULs at both ends.
std::string_view trimmed(std::string_view text);

/// The whole of `text` as a number of the given base; nothing where it is empty, has anything else
/// in it, or doesn't fit.
template <class Number>
std::optional<Number> number_in(std::string_view text, int base = 10) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc{} || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

/// The whole of `text` as a finite decimal number of zero or more.
std::optional<double> decimal_in(std::string_view text);

}  // namespace reflector
