#pragma once

#include "config/endpoint_config.hpp"
#include "messages/fault.hpp"

#include <map>
#include <string>
#include <vector>

namespace reflector {

/// Whether there is a token or a password.
bool has_secret(const credentials_config& credentials);

/// Headers of requests: what the credentials come to, whose files and variables are read for it,
/// and `others`. Secrets, so never logged. May block.
result<std::vector<std::string>> credential_headers(
    const credentials_config& credentials, const std::map<std::string, std::string>& others);

}  // namespace reflector
