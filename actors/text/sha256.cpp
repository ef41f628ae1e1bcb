#include "actors/text/sha256.hpp"

#include <new>

#include <openssl/evp.h>

namespace reflector {

std::array<unsigned char, 32> sha256(std::string_view bytes) {
  std::array<unsigned char, 32> sum{};
  // It needs memory and nothing else.
  if (EVP_Digest(bytes.data(), bytes.size(), sum.data(), nullptr, EVP_sha256(), nullptr) != 1)
    throw std::bad_alloc{};
  return sum;
}

}  // namespace reflector
