#include "actors/net/secret_file.hpp"

#include "actors/os/private_file.hpp"
#include "actors/text/ascii.hpp"

#include <algorithm>
#include <string_view>

namespace reflector {
namespace {

constexpr std::size_t max_secret_bytes = 8 * 1024;

}  // namespace

result<std::string> read_secret_file(const std::string& path) {
  auto content = read_private_file(path, max_secret_bytes);
  if (!content) return content;
  const std::string_view secret = trimmed(*content, white_space);
  if (secret.empty()) return failure(fault_code::malformed, path + ": empty, expected a secret");
  if (secret.find_first_of("\r\n") != std::string_view::npos) {
    return failure(fault_code::malformed, path + ": more than one line, expected a secret of one");
  }
  if (!std::all_of(secret.begin(), secret.end(), [](char c) { return c >= ' ' && c <= '~'; })) {
    return failure(fault_code::malformed, path + ": expected printable ASCII");
  }
  return std::string{secret};
}

}  // namespace reflector
