#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string>

namespace reflector {

struct rack_position {
  double x = 0, y = 0, z = 0;  ///< metres, as the operators' map of the room has them

  friend bool operator==(const rack_position&, const rack_position&) = default;
};

/// Of all names and values together.
inline constexpr std::size_t max_tags_bytes = 8 * 1024;

/// [agent]: who this host is, how often it is measured, where the agent keeps its state.
struct agent_config {
  std::string hostname;  ///< empty: the host's own name
  std::string rack;      ///< empty: not sent
  std::optional<rack_position> position;
  std::chrono::milliseconds interval{5000};  ///< 100 ms to 1 h
  std::string state_dir =
      "/var/lib/reflector";  ///< relative: to the configuration file's folder; made with mode 0700
  std::string host_root = "/";  ///< /proc, /sys and /etc are read from under it
  std::map<std::string, std::string>
      tags;  ///< sent with each sample; win over the agent's own; at most max_tags_bytes

  friend bool operator==(const agent_config&, const agent_config&) = default;
};

}  // namespace reflector
