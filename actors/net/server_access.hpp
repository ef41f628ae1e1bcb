#pragma once

#include "actors/net/http_client.hpp"
#include "actors/net/live_headers.hpp"
#include "config/endpoint_config.hpp"
#include "messages/fault.hpp"

#include <memory>

namespace reflector {

/// What a credentials table came to when its files were read: secrets, so never logged.
struct server_access {
  live_headers headers;  ///< those that the secrets are in
  std::shared_ptr<const http_peer> peer;
};

/// Reads the secrets that it names.
result<server_access> read_server_access(const credentials_config& credentials);

}  // namespace reflector
