#include "actors/net/secret_text.hpp"

#include "actors/text/ascii.hpp"

#include <algorithm>
#include <cstdlib>

namespace reflector {

result<std::string> secret_in(std::string_view content, const std::string& from) {
  if (content.size() > max_secret_bytes)
    return failure(
        fault_code::too_large,
        from + ": more than the " + std::to_string(max_secret_bytes) + " bytes of a secret");
  const std::string_view secret = trimmed(content, white_space);
  if (secret.empty()) return failure(fault_code::malformed, from + ": empty, expected a secret");
  if (secret.find_first_of("\r\n") != std::string_view::npos)
    return failure(fault_code::malformed, from + ": more than one line, expected a secret of one");
  if (!std::all_of(secret.begin(), secret.end(), [](char c) { return c >= ' ' && c <= '~'; }))
    return failure(fault_code::malformed, from + ": expected printable ASCII");
  return std::string{secret};
}

result<std::string> read_secret_variable(const std::string& key, const std::string& variable) {
  const std::string from = key + ": the environment variable " + variable;
  const char* const value = std::getenv(variable.c_str());
  if (value == nullptr) return failure(fault_code::missing, from + " is not set");
  return secret_in(value, from);
}

}  // namespace reflector
