#include "config/http_url.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace reflector {
namespace {

bool starts_with_ignoring_case(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() &&
         std::equal(prefix.begin(), prefix.end(), text.begin(), [](char p, char c) {
           return p == (c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
         });
}

bool is_port(std::string_view digits) {
  unsigned port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  return error == std::errc{} && end == digits.data() + digits.size() && port >= 1 && port <= 65535;
}

bool is_host_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '-' || c == '_';
}

bool is_address_character(char c) {
  return (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || (c >= '0' && c <= '9') || c == ':' ||
         c == '.';
}

/// "host", "host:port" or "[IPv6]:port".
result<std::string> host_of(std::string_view authority) {
  std::string_view host = authority;
  std::string_view after;
  bool valid = false;
  if (authority.starts_with('[')) {
    const auto close = authority.find(']');
    if (close == std::string_view::npos) {
      return failure(fault_code::malformed, "expected a `]` after the IPv6 address");
    }
    host = authority.substr(1, close - 1);
    after = authority.substr(close + 1);
    valid = std::all_of(host.begin(), host.end(), is_address_character);
  } else {
    const auto colon = authority.find(':');
    host = authority.substr(0, colon);
    if (colon != std::string_view::npos) after = authority.substr(colon);
    valid = std::all_of(host.begin(), host.end(), is_host_character);
  }
  if (host.empty()) return failure(fault_code::malformed, "expected a URL with a host");
  if (!valid) return failure(fault_code::malformed, "expected a host name or address");
  if (!after.empty() && (after[0] != ':' || !is_port(after.substr(1)))) {
    return failure(fault_code::malformed, "expected a port of 1 to 65535 after the host");
  }
  return std::string{host};
}

}  // namespace

result<http_url> parse_http_url(std::string_view text) {
  http_url url;
  if (text.size() > max_url_bytes) {
    return failure(fault_code::too_large, "expected a URL of at most 2048 bytes");
  }
  if (starts_with_ignoring_case(text, "https://")) {
    url.is_tls = true;
  } else if (!starts_with_ignoring_case(text, "http://")) {
    return failure(fault_code::malformed, "expected a URL that begins with http:// or https://");
  }
  if (!std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; })) {
    return failure(fault_code::malformed,
                   "expected a URL without spaces, control or non-ASCII characters");
  }
  const auto rest = text.substr(text.find("://") + 3);
  const auto authority = rest.substr(0, rest.find_first_of("/?#\\"));
  if (authority.find('@') != std::string_view::npos) {
    return failure(fault_code::refused, "expected a URL without credentials (use token_file)");
  }
  if (rest.find('#') != std::string_view::npos) {
    return failure(fault_code::malformed, "expected a URL without a fragment (#)");
  }
  auto host = host_of(authority);
  if (!host) return tl::unexpected{host.error()};
  url.host = std::move(*host);
  url.target = rest.substr(authority.size());
  return url;
}

}  // namespace reflector
