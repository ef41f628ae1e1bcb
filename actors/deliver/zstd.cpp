#include "actors/deliver/zstd.hpp"

#include <stdexcept>
#include <zstd.h>

namespace reflector {

std::string zstd(std::string_view content) {
  std::string out(ZSTD_compressBound(content.size()), '\0');
  const std::size_t size =
      ZSTD_compress(out.data(), out.size(), content.data(), content.size(), ZSTD_CLEVEL_DEFAULT);
  if (ZSTD_isError(size) != 0U)
    throw std::runtime_error{std::string{"zstd: "} + ZSTD_getErrorName(size)};
  out.resize(size);
  return out;
}

}  // namespace reflector
