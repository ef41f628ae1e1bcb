#include "tests/receiver/body_inflation.hpp"

#include <array>
#include <zlib.h>

namespace reflector::receiver {
namespace {

std::optional<std::string> inflate_as(std::string_view data, std::size_t max_bytes,
                                      int window_bits) {
  z_stream stream{};
  if (inflateInit2(&stream, window_bits) != Z_OK) return std::nullopt;
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
  stream.avail_in = static_cast<uInt>(data.size());
  std::string inflated;
  std::array<char, 16 * 1024> chunk{};
  int status = Z_OK;
  while (status == Z_OK && inflated.size() <= max_bytes) {
    stream.next_out = reinterpret_cast<Bytef*>(chunk.data());
    stream.avail_out = static_cast<uInt>(chunk.size());
    status = inflate(&stream, Z_NO_FLUSH);
    if (status == Z_OK || status == Z_STREAM_END) {
      inflated.append(chunk.data(), chunk.size() - stream.avail_out);
    }
  }
  inflateEnd(&stream);
  if (status != Z_STREAM_END || inflated.size() > max_bytes) return std::nullopt;
  return inflated;
}

}  // namespace

std::optional<std::string> inflate_body(std::string_view data, std::size_t max_bytes) {
  constexpr int any_header = 32 + MAX_WBITS;  // zlib's "detect gzip or zlib"
  if (auto inflated = inflate_as(data, max_bytes, any_header)) return inflated;
  return inflate_as(data, max_bytes, -MAX_WBITS);
}

}  // namespace reflector::receiver
