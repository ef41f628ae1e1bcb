#pragma once

#include "actors/net/http_client.hpp"
#include "actors/net/live_headers.hpp"
#include "config/endpoint_config.hpp"
#include "messages/fault.hpp"

#include <map>
#include <memory>
#include <string>

namespace reflector {

/// What a credentials table came to when its files were read: secrets, so never logged.
struct server_access {
  live_headers headers;  ///< those that the secrets are in, and the section's own
  std::shared_ptr<const http_peer> peer;
};

/// Reads the secrets that it names.
/// @param headers sent with each request as well
result<server_access> read_server_access(const credentials_config& credentials,
                                         const std::map<std::string, std::string>& headers = {});

/// `now` goes on as what `old` was, for those who hold that: with its own content.
void carry_over(const server_access& old, server_access& now);

}  // namespace reflector
