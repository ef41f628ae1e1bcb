#include "actors/collect/network.hpp"

#include "actors/collect/proc_text.hpp"
#include "actors/text/quoted.hpp"
#include "actors/text/utf8.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <limits>
#include <utility>

namespace reflector {

namespace {

using std::chrono::seconds;

constexpr std::size_t dev_cap = 4 * 1024 * 1024;
// The default route comes first in the kernel's table, and a router's table has a million lines.
constexpr std::size_t route_cap = 64 * 1024;
constexpr std::size_t sysfs_cap = 4096;
constexpr seconds route_age{1}, link_age{5}, address_age{60}, virtual_speed_age{60};

constexpr unsigned route_is_up = 0x1, route_rejects = 0x200;  // RTF_UP, RTF_REJECT
constexpr unsigned interface_is_up = 0x1;                     // IFF_UP

}  // namespace

result<std::vector<network_interface>> parse_net_dev(std::string_view text) {
  std::vector<network_interface> interfaces;
  take_line(text);  // two lines of headings
  take_line(text);
  while (!text.empty()) {
    const auto line = take_line(text);
    if (trimmed(line).empty()) continue;
    const auto colon = line.rfind(':');  // an alias' name has one in it too
    std::array<std::uint64_t, 16> counts{};
    bool complete = colon != std::string_view::npos;
    auto fields = complete ? line.substr(colon + 1) : std::string_view{};
    for (auto& count : counts) {
      const auto value = number_in<std::uint64_t>(take_field(fields));
      complete = complete && value;
      count = value.value_or(0);
    }
    const auto name = complete ? trimmed(line.substr(0, colon)) : std::string_view{};
    if (name.empty()) {
      return failure(fault_code::malformed,
                     "proc/net/dev: not an interface's counters: " + quoted(line));
    }
    network_interface& one = interfaces.emplace_back();
    one.name = printable_utf8(name);
    one.bytes_received = counts[0];
    one.packets_received = counts[1];
    one.errors_in = counts[2];
    one.drops_in = counts[3];
    one.bytes_sent = counts[8];
    one.packets_sent = counts[9];
    one.errors_out = counts[10];
    one.drops_out = counts[11];
  }
  return interfaces;
}

std::string default_interface(const std::vector<ipv4_route>& routes) {
  const ipv4_route* best = nullptr;
  for (const auto& route : routes) {
    if (route.destination != 0 || route.mask != 0 || route.interface == "lo") continue;
    if ((route.flags & route_is_up) == 0 || (route.flags & route_rejects) != 0) continue;
    if (best == nullptr || route.metric < best->metric) best = &route;
  }
  return best == nullptr ? std::string{} : best->interface;
}

std::string default_interface_ipv6(std::string_view text) {
  std::string best;
  auto best_metric = std::numeric_limits<unsigned>::max();
  while (!text.empty()) {
    // destination, its prefix length, source, its prefix length, next hop, metric, references, use,
    // flags, interface
    auto line = take_line(text);
    std::array<std::string_view, 10> fields{};
    for (auto& field : fields) field = take_field(line);
    if (fields[0] != "00000000000000000000000000000000" || fields[1] != "00") continue;
    const auto metric = number_in<unsigned>(fields[5], 16);
    const auto flags = number_in<unsigned>(fields[8], 16);
    if (!metric || !flags || (*flags & route_is_up) == 0 || (*flags & route_rejects) != 0) continue;
    if (fields[9].empty() || fields[9] == "lo" || *metric >= best_metric) continue;
    best = fields[9];
    best_metric = *metric;
  }
  return best;
}

std::optional<std::uint64_t> parse_speed(std::string_view text) {
  const auto speed = number_in<std::int64_t>(trimmed(text));
  if (!speed || *speed <= 0 || *speed == 65'535 || *speed >= 4'294'967'295) return std::nullopt;
  return static_cast<std::uint64_t>(*speed);
}

bool parse_is_up(std::string_view flags, std::string_view operstate, std::string_view carrier) {
  flags = trimmed(flags);
  if (flags.starts_with("0x")) flags.remove_prefix(2);
  const auto bits = number_in<unsigned>(flags, 16);
  if (!bits || (*bits & interface_is_up) == 0) return false;
  operstate = trimmed(operstate);
  if (operstate.empty()) return trimmed(carrier) == "1";
  return operstate == "up" || operstate == "unknown";
}

void order_by_importance(std::vector<network_interface>& interfaces, const std::string& primary) {
  const auto rank = [&primary](const network_interface& one) {
    if (one.name == "lo") return 3;
    if (one.name == primary) return 0;
    return one.is_physical ? 1 : 2;
  };
  std::ranges::stable_sort(interfaces, {}, rank);
}

namespace {

/// What changes seldom about an interface, and when it was asked last.
struct link_facts {
  std::string name;
  bool is_up = false, is_physical = false;
  std::optional<std::uint64_t> speed_mbps;
  monotonic_time state_read, speed_read;
};

class network_collector final : public collector {
 public:
  explicit network_collector(host_files& files)
      : files_{files},
        dev_{keep_network_file(files, "dev", dev_cap)},
        route_{keep_network_file(files, "route", route_cap, past_cap::cut)},
        ipv6_route_{keep_network_file(files, "ipv6_route", route_cap, past_cap::cut)} {}

  result<reading> measure(monotonic_time now) override {
    const auto text = dev_->read();
    if (!text) return tl::unexpected<fault>{text.error()};
    auto interfaces = parse_net_dev(*text);
    if (!interfaces) return tl::unexpected<fault>{interfaces.error()};

    network_reading said;
    said.interfaces = std::move(*interfaces);
    add_link_facts(said.interfaces, now);
    refresh_primary(now);
    const auto exists = [this](const network_interface& one) { return one.name == primary_; };
    if (std::ranges::any_of(said.interfaces, exists)) {
      said.primary = primary_;
      refresh_address(now);
      said.primary_ipv4 = address_;
    }
    order_by_importance(said.interfaces, said.primary);
    for (const auto& one : said.interfaces) {
      if (one.name == "lo") continue;
      said.bytes_sent += one.bytes_sent;
      said.bytes_received += one.bytes_received;
    }
    return said;
  }

 private:
  void add_link_facts(std::vector<network_interface>& interfaces, monotonic_time now) {
    // Both lists are in the kernel's order, so that this costs no search while nothing comes or
    // goes.
    std::vector<link_facts> known;
    const bool same =
        std::ranges::equal(interfaces, links_, {}, &network_interface::name, &link_facts::name);
    if (!same) {
      known = std::exchange(links_, {});
      std::ranges::sort(known, {}, &link_facts::name);
      for (const auto& one : interfaces) {
        const auto old = std::ranges::lower_bound(known, one.name, {}, &link_facts::name);
        if (old != known.end() && old->name == one.name) {
          links_.push_back(*old);
        } else {
          links_.push_back(first_facts(one.name, now));
        }
      }
    }
    for (std::size_t i = 0; i < interfaces.size(); ++i) {
      link_facts& link = links_[i];
      refresh(link, now);
      interfaces[i].is_up = link.is_up;
      interfaces[i].is_physical = link.is_physical;
      interfaces[i].speed_mbps = link.speed_mbps;
    }
  }

  link_facts first_facts(const std::string& name, monotonic_time now) {
    link_facts link;
    link.name = name;
    link.state_read = now - link_age;
    link.speed_read = now - virtual_speed_age;
    return link;
  }

  void refresh(link_facts& link, monotonic_time now) {
    if (now - link.state_read < link_age) return;
    link.state_read = now;
    // A name with a slash or one of dots is no interface's (dev_valid_name), but a path out of the
    // folder.
    if (link.name.find('/') != std::string::npos || link.name == "." || link.name == "..") return;
    const auto folder = "sys/class/net/" + link.name + "/";
    const auto flags = files_.read(folder + "flags", sysfs_cap).value_or("");
    const auto operstate = files_.read(folder + "operstate", sysfs_cap).value_or("");
    const auto carrier =
        operstate.empty() ? files_.read(folder + "carrier", sysfs_cap).value_or("") : std::string{};
    link.is_up = parse_is_up(flags, operstate, carrier);
    if (!link.is_physical && now - link.speed_read < virtual_speed_age) return;
    link.speed_read = now;
    link.is_physical = files_.exists(folder + "device");
    const auto speed = files_.read(folder + "speed", sysfs_cap);
    link.speed_mbps = speed ? parse_speed(*speed) : std::nullopt;
  }

  void refresh_primary(monotonic_time now) {
    if (routes_read_ && now - *routes_read_ < route_age) return;
    routes_read_ = now;
    std::string found;
    if (const auto text = route_->read()) found = default_interface(parse_routes(*text));
    if (found.empty()) {
      if (const auto text = ipv6_route_->read()) found = default_interface_ipv6(*text);
    }
    found = printable_utf8(found);
    if (found == primary_) return;
    primary_ = std::move(found);
    address_read_.reset();
  }

  void refresh_address(monotonic_time now) {
    if (address_read_ && now - *address_read_ < address_age) return;
    address_read_ = now;
    address_ = files_.ipv4_of(primary_).value_or("");
  }

  host_files& files_;
  std::unique_ptr<kept_file> dev_, route_, ipv6_route_;
  std::vector<link_facts> links_;
  std::string primary_, address_;
  std::optional<monotonic_time> routes_read_, address_read_;
};

}  // namespace

std::unique_ptr<collector> make_network_collector(host_files& files) {
  return std::make_unique<network_collector>(files);
}

}  // namespace reflector
