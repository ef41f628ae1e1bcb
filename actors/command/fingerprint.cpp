#include "actors/command/fingerprint.hpp"

#include "actors/text/hexadecimal.hpp"
#include "actors/text/sha256.hpp"

namespace reflector {

void fingerprint::add(std::string_view value) {
  bytes_.append(std::to_string(value.size())).append(":").append(value);
}

std::string fingerprint::text() const {
  return hexadecimal(sha256(bytes_));
}

}  // namespace reflector
