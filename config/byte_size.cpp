#include "config/byte_size.hpp"

#include "config/decimal_quantity.hpp"

#include <array>

namespace reflector {
namespace {

constexpr std::array<quantity_unit, 9> units{{{"B", 1},
                                              {"KiB", std::uint64_t{1} << 10},
                                              {"MiB", std::uint64_t{1} << 20},
                                              {"GiB", std::uint64_t{1} << 30},
                                              {"TiB", std::uint64_t{1} << 40},
                                              {"KB", 1'000},
                                              {"MB", 1'000'000},
                                              {"GB", 1'000'000'000},
                                              {"TB", 1'000'000'000'000}}};

}  // namespace

result<std::uint64_t> parse_byte_size(std::string_view text) {
  return parse_quantity(text, units);
}

std::string format_byte_size(std::uint64_t bytes) {
  return format_quantity(bytes, units);
}

}  // namespace reflector
