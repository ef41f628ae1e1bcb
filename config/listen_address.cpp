#include "config/listen_address.hpp"

#include "actors/text/ascii.hpp"

#include <arpa/inet.h>
#include <charconv>
#include <netinet/in.h>

namespace reflector {
namespace {

bool is_ipv4(const std::string& text, in_addr& out) {
  return ::inet_pton(AF_INET, text.c_str(), &out) == 1;
}

bool is_ipv6(const std::string& text, in6_addr& out) {
  return ::inet_pton(AF_INET6, text.c_str(), &out) == 1;
}

bool is_loopback(const in_addr& address) {
  return (ntohl(address.s_addr) >> 24U) == 127;
}

bool is_loopback(const in6_addr& address) {
  return IN6_IS_ADDR_LOOPBACK(&address) != 0;
}

}  // namespace

std::optional<listen_address> parse_listen_address(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  const std::string_view port = text.substr(colon + 1);
  listen_address out;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), out.port);
  if (error != std::errc{} || end != port.data() + port.size() || out.port == 0)
    return std::nullopt;
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  out.ip = host;
  in_addr four{};
  in6_addr six{};
  if (!bracketed && is_ipv4(out.ip, four)) {
    out.is_loopback = is_loopback(four);
    return out;
  }
  if (!bracketed || !is_ipv6(out.ip, six)) return std::nullopt;
  out.is_loopback = is_loopback(six);
  return out;
}

bool is_loopback_host(std::string_view host) {
  const std::string text{host};
  in_addr four{};
  in6_addr six{};
  if (is_ipv4(text, four)) return is_loopback(four);
  if (is_ipv6(text, six)) return is_loopback(six);
  return text == "localhost" || text == "localhost.";
}

}  // namespace reflector
