#pragma once

#include "actors/collect/collector.hpp"
#include "actors/collect/host_files.hpp"
#include "actors/collect/local_addresses.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reflector {

/// The counters of /proc/net/dev, in its order; the rest of each entry stands at its default.
/// Malformed: an interface's line without 16 numbers.
result<std::vector<network_interface>> parse_net_dev(std::string_view text);

/// The interface of the default route with the lowest metric, the first of several; never lo; empty
/// without one.
std::string default_interface(const std::vector<ipv4_route>& routes);

/// The same from /proc/net/ipv6_route, for hosts that have only IPv6.
std::string default_interface_ipv6(std::string_view text);

/// The content of /sys/class/net/X/speed in Mbps; nothing where the driver doesn't know: zero or
/// less, 65535 (SPEED_UNKNOWN in 16 bits), 4294967295 (in 32).
std::optional<std::uint64_t> parse_speed(std::string_view text);

/// Up and running, as IFF_UP and IFF_RUNNING say: `flags` is the content of /sys/class/net/X/flags,
/// `operstate` of the file by that name ("unknown", which drivers without carrier detection have,
/// counts as running), empty where the kernel has none: then `carrier` ("1") decides.
bool parse_is_up(std::string_view flags, std::string_view operstate, std::string_view carrier);

/// Primary first, then those with a device behind them, then virtual ones, lo last; the order is
/// kept otherwise.
void order_by_importance(std::vector<network_interface>& interfaces, const std::string& primary);

/// Counters are of the moment. Up to 1 s old: which interface is primary; 5 s: up or not, speed of
/// the physical ones; 60 s: speed of the virtual ones, address. Needs proc/net/dev.
std::unique_ptr<collector> make_network_collector(host_files& files);

}  // namespace reflector
