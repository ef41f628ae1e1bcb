#include "actors/net/server_access.hpp"

#include "actors/net/secret_file.hpp"

namespace reflector {
namespace {

using namespace std::chrono_literals;

/// EGO closes idle connections after five to six seconds; one that is used again just then loses
/// its request.
constexpr std::chrono::milliseconds ego_max_idle = 4500ms;

}  // namespace

result<server_access> read_server_access(const credentials_config& credentials) {
  server_access access;
  if (!credentials.token_file.empty()) {
    const auto token = read_secret_file(credentials.token_file);
    if (!token) return tl::unexpected{token.error()};
    access.headers.become({"Authorization: Bearer " + *token});
  }
  http_peer peer;
  peer.ca_file = credentials.ca_file;
  peer.client_cert_file = credentials.client_cert_file;
  peer.client_key_file = credentials.client_key_file;
  peer.max_idle = ego_max_idle;
  access.peer = std::make_shared<const http_peer>(std::move(peer));
  return access;
}

}  // namespace reflector
