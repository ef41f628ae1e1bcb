#include "actors/collect/proc_text.hpp"

#include "actors/text/ascii.hpp"

#include <cmath>
#include <cstddef>

namespace reflector {

namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r';
}

}  // namespace

std::string_view take_line(std::string_view& text) {
  const auto end = text.find('\n');
  const auto line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

std::string_view take_field(std::string_view& line) {
  std::size_t start = 0;
  while (start < line.size() && is_blank(line[start])) ++start;
  std::size_t end = start;
  while (end < line.size() && !is_blank(line[end])) ++end;
  const auto field = line.substr(start, end - start);
  line.remove_prefix(end);
  return field;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view edges{" \t\r\n\0", 5};
  return trimmed(text, edges);
}

std::optional<double> decimal_in(std::string_view text) {
  double value = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  if (!std::isfinite(value) || std::signbit(value)) return std::nullopt;
  return value;
}

}  // namespace reflector
