#include "tests/faultlab/wire/faults/faults.hpp"
#include "tests/faultlab/wire/faults/wire_fault.hpp"

#include <stdexcept>
#include <zlib.h>

namespace reflector::faultlab {
namespace {

constexpr std::uint64_t block = 1024 * 1024;

/// A block of spaces, deflated so that it can stand any number of times in a stream: a full flush
/// ends it at a byte, and it refers to nothing before.
std::string deflated_block(const std::string& plain) {
  z_stream stream{};
  if (deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::runtime_error{"gzip_bomb: zlib"};
  }
  std::string packed(deflateBound(&stream, block) + 16, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FULL_FLUSH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

wire::planned_answer bomb(std::uint64_t inflated) {
  const std::uint64_t blocks = (inflated + block - 1) / block;
  const std::string plain(block, ' ');
  const uLong of_block = crc32(0, reinterpret_cast<const Bytef*>(plain.data()), block);
  uLong sum = 0;
  for (std::uint64_t i = 0; i < blocks; ++i) {
    sum = crc32_combine(sum, of_block, static_cast<z_off_t>(block));
  }
  wire::planned_answer answer;
  answer.filler = deflated_block(plain);
  answer.filler_bytes = blocks * answer.filler.size();
  answer.tail = std::string{"\x03\x00", 2};  // the last, empty block
  for (const std::uint64_t word : {std::uint64_t{sum}, blocks * block}) {
    for (unsigned shift = 0; shift < 32; shift += 8)
      answer.tail += static_cast<char>(word >> shift);
  }
  const std::string magic{"\x1f\x8b\x08\0\0\0\0\0\x02\xff", 10};
  const auto size = magic.size() + answer.filler_bytes + answer.tail.size();
  answer.head =
      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\n"
      "Content-Length: " +
      std::to_string(size) + "\r\n\r\n" + magic;
  return answer;
}

}  // namespace

fault_kind gzip_bomb_fault() {
  return wire::wire_kind(
      "gzip_bomb",
      "a small compressed body that inflates to so many bytes; the receiver isn't asked",
      {{"inflated", setting_kind::bytes, "of the body when inflated; whole MiB", "1GiB", false, 1,
        1e12}},
      true, [](const settings& values, wire::disturbance& wrong) {
        const auto answer = bomb(values.bytes("inflated"));
        wrong.answer = [answer](const wire::http_message&) { return std::optional{answer}; };
      });
}

}  // namespace reflector::faultlab
