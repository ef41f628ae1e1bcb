#include "actors/net/secret_file.hpp"

#include "actors/net/secret_text.hpp"
#include "actors/os/private_file.hpp"

namespace reflector {

result<std::string> read_secret_file(const std::string& path) {
  auto content = read_private_file(path, max_secret_bytes);
  if (!content) return content;
  return secret_in(*content, path);
}

}  // namespace reflector
