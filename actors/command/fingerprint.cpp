#include "actors/command/fingerprint.hpp"

#include "actors/text/hexadecimal.hpp"

#include <array>
#include <stdexcept>

#include <openssl/evp.h>

namespace reflector {

void fingerprint::add(std::string_view value) {
  bytes_.append(std::to_string(value.size())).append(":").append(value);
}

std::string fingerprint::text() const {
  std::array<unsigned char, 32> digest{};
  unsigned size = 0;
  if (EVP_Digest(bytes_.data(), bytes_.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1 ||
      size != digest.size())
    throw std::runtime_error("OpenSSL can't make a SHA-256");
  return hexadecimal(digest);
}

}  // namespace reflector
