#include "actors/net/server_access.hpp"

#include "actors/net/credential_headers.hpp"

namespace reflector {
namespace {

using namespace std::chrono_literals;

/// EGO closes idle connections after five to six seconds; one that is used again just then loses
/// its request.
constexpr std::chrono::milliseconds ego_max_idle = 4500ms;

}  // namespace

result<server_access> read_server_access(const credentials_config& credentials,
                                         const std::map<std::string, std::string>& headers) {
  auto known = credential_headers(credentials, headers);
  if (!known) return tl::unexpected{known.error()};
  http_peer peer;
  peer.ca_file = credentials.ca_file;
  peer.client_cert_file = credentials.client_cert_file;
  peer.client_key_file = credentials.client_key_file;
  peer.proxy = credentials.proxy;
  peer.avoids_proxies_in_plain_text = has_secret(credentials) && !credentials.plaintext_credentials;
  peer.token_header = credentials.token_header;
  peer.max_idle = ego_max_idle;
  server_access access;
  access.headers.become(std::move(*known));
  access.peer = std::make_shared<const http_peer>(std::move(peer));
  return access;
}

void carry_over(const server_access& old, server_access& now) {
  live_headers headers = old.headers;
  headers.become(now.headers.now());
  now.headers = headers;
  if (!old.peer || !now.peer) return;
  http_peer peer = *now.peer;
  peer.renewed = old.peer->renewed;
  now.peer = std::make_shared<const http_peer>(std::move(peer));
}

}  // namespace reflector
