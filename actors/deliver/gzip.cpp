#include "actors/deliver/gzip.hpp"

#include <limits>
#include <new>
#include <stdexcept>
#include <zlib.h>

namespace reflector {
namespace {

constexpr int gzip_window_bits = 15 + 16;  ///< 16 more: with gzip's header instead of zlib's
constexpr int memory_level = 8;            ///< zlib's default: 256 KiB while it compresses

class deflater {
 public:
  deflater() {
    if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, gzip_window_bits, memory_level,
                     Z_DEFAULT_STRATEGY) != Z_OK)
      throw std::bad_alloc();
  }
  deflater(const deflater&) = delete;
  deflater& operator=(const deflater&) = delete;
  ~deflater() { deflateEnd(&stream); }

  z_stream stream{};
};

}  // namespace

std::string gzip(std::string_view bytes) {
  if (bytes.size() > std::numeric_limits<uInt>::max() / 2)
    throw std::length_error("too much to compress at once");
  deflater compressor;
  z_stream& stream = compressor.stream;
  std::string member(deflateBound(&stream, static_cast<uLong>(bytes.size())), '\0');
  // zlib's interface isn't const-correct, but it only reads here.
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(member.data());
  stream.avail_out = static_cast<uInt>(member.size());
  if (deflate(&stream, Z_FINISH) != Z_STREAM_END)
    throw std::logic_error("deflate did not end within its own bound");
  member.resize(stream.total_out);
  return member;
}

}  // namespace reflector
