#include "actors/deliver/crc32c.hpp"

#include <boost/crc.hpp>

namespace reflector {
namespace {

using castagnoli = boost::crc_optimal<32, 0x1EDC6F41, 0xFFFFFFFF, 0xFFFFFFFF, true, true>;

std::uint32_t reversed_bits(std::uint32_t value) {
  std::uint32_t out = 0;
  for (int i = 0; i < 32; ++i) {
    out = (out << 1) | (value & 1);
    value >>= 1;
  }
  return out;
}

}  // namespace

std::uint32_t crc32c(std::string_view bytes, std::uint32_t before) {
  // Boost takes the remainder unreflected and without its last XOR.
  castagnoli sum{reversed_bits(before ^ 0xFFFFFFFF)};
  sum.process_bytes(bytes.data(), bytes.size());
  return sum.checksum();
}

}  // namespace reflector
