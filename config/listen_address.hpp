#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace reflector {

/// Where a server listens.
struct listen_address {
  std::string ip;  ///< IPv4 or, without brackets, IPv6
  std::uint16_t port = 0;
  bool is_loopback = false;  ///< 127.0.0.0/8 or ::1
};

/// "127.0.0.1:9273" or "[::1]:9273"; a port of 1 to 65535. Nothing where it is neither.
std::optional<listen_address> parse_listen_address(std::string_view text);

/// Whether nobody but this host answers there: "localhost", 127.0.0.0/8, ::1.
/// @param host of a URL, without brackets
bool is_loopback_host(std::string_view host);

}  // namespace reflector
