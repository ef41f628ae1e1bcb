#pragma once

#include "messages/fault.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace reflector {

inline constexpr std::size_t max_url_bytes = 2048;

/// A URL that the agent may speak to.
struct http_url {
  bool is_tls = false;
  std::string host;    ///< without brackets
  std::string target;  ///< path and query; may be empty
};

/// http or https, with a host, a port of 1 to 65535 if any; no credentials (they would end up in
/// logs), no fragment, no white space, control or non-ASCII characters. The fault's text is what
/// was expected, without the URL.
result<http_url> parse_http_url(std::string_view text);

}  // namespace reflector
