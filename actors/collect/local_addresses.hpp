#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reflector {

/// An IPv4 address or mask in network byte order, as in_addr has it.
using ipv4_bits = std::uint32_t;

/// One line of /proc/net/route.
struct ipv4_route {
  std::string interface;
  ipv4_bits destination = 0, gateway = 0, mask = 0;
  unsigned flags = 0;  ///< RTF_… of linux/route.h
  unsigned metric = 0;
};

/// Lines that aren't routes (the heading, a cut last line) are passed over.
std::vector<ipv4_route> parse_routes(std::string_view text);

/// The host's own addresses in /proc/net/fib_trie: the leaves marked "/32 host LOCAL", each once,
/// in the file's order.
std::vector<ipv4_bits> parse_local_addresses(std::string_view fib_trie);

/// Which of the host's own addresses an interface has. The kernel's text files don't say; the
/// subnets on its links do: the first address inside one of its subnets, else the only one that is
/// in no other interface's (loopback's 127/8 left out), else none.
std::optional<ipv4_bits> address_of_interface(std::string_view interface,
                                              const std::vector<ipv4_bits>& own,
                                              const std::vector<ipv4_route>& routes);

/// "192.0.2.1"
std::string dotted(ipv4_bits address);

}  // namespace reflector
