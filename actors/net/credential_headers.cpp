#include "actors/net/credential_headers.hpp"

#include "actors/net/secret_file.hpp"
#include "actors/net/secret_text.hpp"
#include "actors/text/ascii.hpp"
#include "actors/text/base64.hpp"

namespace reflector {
namespace {

/// From the file or the variable, whichever is named.
result<std::string> read_secret(const std::string& file, const std::string& key,
                                const std::string& variable) {
  return file.empty() ? read_secret_variable(key, variable) : read_secret_file(file);
}

}  // namespace

bool has_secret(const credentials_config& credentials) {
  return !credentials.token_file.empty() || !credentials.token_env.empty() ||
         !credentials.password_file.empty() || !credentials.password_env.empty();
}

result<std::vector<std::string>> credential_headers(
    const credentials_config& credentials, const std::map<std::string, std::string>& others) {
  std::vector<std::string> headers;
  if (!credentials.token_file.empty() || !credentials.token_env.empty()) {
    const auto token = read_secret(credentials.token_file, "token_env", credentials.token_env);
    if (!token) return tl::unexpected{token.error()};
    const bool has_scheme = lower_case(credentials.token_header) == "authorization";
    headers.push_back(credentials.token_header + ": " +
                      (has_scheme ? credentials.token_scheme + ' ' : "") + *token);
  }
  if (!credentials.password_file.empty() || !credentials.password_env.empty()) {
    const auto password =
        read_secret(credentials.password_file, "password_env", credentials.password_env);
    if (!password) return tl::unexpected{password.error()};
    headers.push_back("Authorization: Basic " +
                      to_base64(credentials.username + ':' + *password));  // RFC 7617
  }
  for (const auto& [name, value] : others) headers.push_back(name + ": " + value);
  return headers;
}

}  // namespace reflector
