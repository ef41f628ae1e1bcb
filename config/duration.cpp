#include "config/duration.hpp"

#include "config/decimal_quantity.hpp"

#include <array>

namespace reflector {
namespace {

constexpr std::array<quantity_unit, 5> units{
    {{"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}, {"ms", 1}}};

}  // namespace

result<std::chrono::milliseconds> parse_duration(std::string_view text) {
  return parse_quantity(text, units).map([](std::uint64_t count) {
    return std::chrono::milliseconds{static_cast<std::int64_t>(count)};
  });
}

std::string format_duration(std::chrono::milliseconds value) {
  return format_quantity(static_cast<std::uint64_t>(value.count()), units);
}

}  // namespace reflector
