#include "actors/net/echoed_secrets.hpp"

#include "actors/text/ascii.hpp"

#include <algorithm>

namespace reflector {
namespace {

/// What is as short would be found in words that are none.
constexpr std::size_t least_secret_bytes = 4;

}  // namespace

std::string without_echoed_secrets(std::string answer, const std::vector<std::string>& headers,
                                   std::string_view token_header) {
  constexpr std::string_view instead = "…";
  for (const auto& header : headers) {
    const auto colon = header.find(':');
    if (colon == std::string::npos) continue;
    const auto name = lower_case(std::string_view{header}.substr(0, colon));
    const bool has_scheme = name == "authorization";
    if (!has_scheme && name != lower_case(token_header)) continue;
    auto secret = trimmed(std::string_view{header}.substr(colon + 1), " ");
    if (has_scheme) secret.remove_prefix(std::min(secret.find(' ') + 1, secret.size()));
    if (secret.size() < least_secret_bytes) continue;
    for (std::size_t at = 0; (at = answer.find(secret, at)) != std::string::npos;
         at += instead.size())
      answer.replace(at, secret.size(), instead);
  }
  return answer;
}

}  // namespace reflector
