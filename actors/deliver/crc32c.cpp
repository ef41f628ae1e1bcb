#include "actors/deliver/crc32c.hpp"

#include <boost/crc.hpp>

namespace reflector {
namespace {

using castagnoli = boost::crc_optimal<32, 0x1EDC6F41, 0xFFFFFFFF, 0xFFFFFFFF, true, true>;

std::uint32_t bits_reversed(std::uint32_t value) {
  std::uint32_t reversed = 0;
  for (int bit = 0; bit < 32; ++bit, value >>= 1U) reversed = (reversed << 1U) | (value & 1U);
  return reversed;
}

}  // namespace

std::uint32_t crc32c(std::string_view bytes, std::uint32_t before) {
  // Boost takes the remainder to start from in the polynomial's bit order and gives checksums in
  // the other one.
  castagnoli sum{bits_reversed(~before)};
  sum.process_bytes(bytes.data(), bytes.size());
  return sum.checksum();
}

}  // namespace reflector
