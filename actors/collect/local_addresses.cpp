#include "actors/collect/local_addresses.hpp"

#include "actors/collect/proc_text.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <netinet/in.h>

namespace reflector {

namespace {

constexpr unsigned route_is_up = 0x1;        // RTF_UP
constexpr unsigned route_has_gateway = 0x2;  // RTF_GATEWAY

bool on_link(const ipv4_route& route) {
  return (route.flags & route_is_up) != 0 && (route.flags & route_has_gateway) == 0 &&
         route.mask != 0;
}

bool covers(const ipv4_route& route, ipv4_bits address) {
  return (address & route.mask) == (route.destination & route.mask);
}

bool is_loopback(ipv4_bits address) {
  return (ntohl(address) >> 24U) == 127;
}

std::optional<ipv4_bits> parse_dotted(std::string_view text) {
  std::array<char, INET_ADDRSTRLEN> copy{};
  if (text.size() >= copy.size()) return std::nullopt;
  std::ranges::copy(text, copy.begin());
  in_addr address{};
  if (::inet_pton(AF_INET, copy.data(), &address) != 1) return std::nullopt;
  return address.s_addr;
}

}  // namespace

std::vector<ipv4_route> parse_routes(std::string_view text) {
  std::vector<ipv4_route> routes;
  while (!text.empty()) {
    auto line = take_line(text);
    const auto interface = take_field(line);
    const auto destination = number_in<ipv4_bits>(take_field(line), 16);
    const auto gateway = number_in<ipv4_bits>(take_field(line), 16);
    const auto flags = number_in<unsigned>(take_field(line), 16);
    take_field(line);  // reference count
    take_field(line);  // use
    const auto metric = number_in<unsigned>(take_field(line));
    const auto mask = number_in<ipv4_bits>(take_field(line), 16);
    if (!destination || !gateway || !flags || !metric || !mask) continue;
    routes.push_back({std::string{interface}, *destination, *gateway, *mask, *flags, *metric});
  }
  return routes;
}

std::vector<ipv4_bits> parse_local_addresses(std::string_view fib_trie) {
  std::vector<ipv4_bits> addresses;
  std::optional<ipv4_bits> leaf;
  while (!fib_trie.empty()) {
    auto line = take_line(fib_trie);
    const auto mark = take_field(line);
    if (mark == "|--") {
      leaf = parse_dotted(take_field(line));
    } else if (mark == "/32" && leaf && take_field(line) == "host" && take_field(line) == "LOCAL") {
      if (std::ranges::find(addresses, *leaf) == addresses.end()) addresses.push_back(*leaf);
    }
  }
  return addresses;
}

std::optional<ipv4_bits> address_of_interface(std::string_view interface,
                                              const std::vector<ipv4_bits>& own,
                                              const std::vector<ipv4_route>& routes) {
  std::optional<ipv4_bits> unclaimed;
  std::size_t unclaimed_count = 0;
  for (const ipv4_bits address : own) {
    if (is_loopback(address)) continue;
    bool claimed = false;
    for (const auto& route : routes) {
      if (!on_link(route) || !covers(route, address)) continue;
      if (route.interface == interface) return address;
      claimed = true;
    }
    if (!claimed) {
      unclaimed = address;
      ++unclaimed_count;
    }
  }
  return unclaimed_count == 1 ? unclaimed : std::nullopt;
}

std::string dotted(ipv4_bits address) {
  std::array<char, INET_ADDRSTRLEN> text{};
  in_addr bits{};
  bits.s_addr = address;
  if (::inet_ntop(AF_INET, &bits, text.data(), text.size()) == nullptr) return {};
  return text.data();
}

}  // namespace reflector
