#include "config/decimal_quantity.hpp"

#include "actors/text/quoted.hpp"
#include "config/config_error.hpp"

#include <algorithm>
#include <limits>

namespace reflector {
namespace {

constexpr std::size_t max_whole_digits = 15;
constexpr std::size_t max_fraction_digits = 6;

std::string_view leading_digits(std::string_view text) {
  return text.substr(0, std::min(text.find_first_not_of("0123456789"), text.size()));
}

std::uint64_t value_of(std::string_view digits) {
  std::uint64_t value = 0;
  for (char digit : digits) value = value * 10 + static_cast<std::uint64_t>(digit - '0');
  return value;
}

}  // namespace

result<std::uint64_t> parse_quantity(std::string_view text, std::span<const quantity_unit> units) {
  auto malformed = [&](std::string_view why) {
    return failure(fault_code::malformed, quoted(text) + " " + std::string{why});
  };
  const auto whole_digits = leading_digits(text);
  auto rest = text.substr(whole_digits.size());
  std::string_view fraction_digits;
  if (rest.starts_with('.')) {
    fraction_digits = leading_digits(rest.substr(1));
    if (fraction_digits.empty()) return malformed("has no digit after the point");
    rest.remove_prefix(1 + fraction_digits.size());
  }
  if (whole_digits.empty()) return malformed("does not begin with a number");
  if (whole_digits.size() > max_whole_digits) return malformed("is too large");
  if (fraction_digits.size() > max_fraction_digits) return malformed("is too precise");

  const auto unit = std::find_if(units.begin(), units.end(),
                                 [&](const quantity_unit& u) { return u.suffix == rest; });
  if (unit == units.end()) {
    return malformed(rest.empty() ? "has no unit" : "has an unknown unit");
  }
  constexpr std::uint64_t limit = std::numeric_limits<std::int64_t>::max();
  const auto whole = value_of(whole_digits);
  if (whole > limit / unit->size) return malformed("is too large");

  std::uint64_t parts = 1;
  for (std::size_t i = 0; i < fraction_digits.size(); ++i) parts *= 10;
  const auto fraction = value_of(fraction_digits) * unit->size;
  if (fraction % parts != 0) return malformed("is finer than the smallest unit");
  const auto value = whole * unit->size + fraction / parts;
  if (value > limit) return malformed("is too large");
  return value;
}

std::string format_quantity(std::uint64_t value, std::span<const quantity_unit> units) {
  std::string shortest;
  for (const auto& unit : units) {
    if (value % unit.size != 0) continue;
    auto candidate = std::to_string(value / unit.size).append(unit.suffix);
    if (shortest.empty() || candidate.size() < shortest.size()) shortest = std::move(candidate);
  }
  return shortest;
}

}  // namespace reflector
