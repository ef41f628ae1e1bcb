#include "actors/net/secret_file.hpp"

#include "actors/os/regular_file.hpp"
#include "actors/text/ascii.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <string_view>
#include <sys/stat.h>

namespace reflector {
namespace {

constexpr std::size_t max_secret_bytes = 8 * 1024;

std::string octal_mode(mode_t mode) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%04o", static_cast<unsigned>(mode & 07777U));
  return text.data();
}

}  // namespace

result<std::string> read_secret_file(const std::string& path) {
  const auto file = open_regular_file(path);
  if (!file) return tl::unexpected{file.error()};
  if ((file->status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return failure(fault_code::refused, path + ": holds a secret but has mode " +
                                            octal_mode(file->status.st_mode) +
                                            "; group and others may have no access (chmod 600)");
  }
  auto content = read_all(*file, path, max_secret_bytes);
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
