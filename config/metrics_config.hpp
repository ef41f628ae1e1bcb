#pragma once

#include <string>

namespace reflector {

/// [metrics]: the newest sample for whoever asks, as OpenMetrics text.
struct metrics_config {
  std::string listen;         ///< "127.0.0.1:9273", "[::1]:9273"; empty: nowhere
  bool allow_remote = false;  ///< other addresses than loopback may be listened on

  friend bool operator==(const metrics_config&, const metrics_config&) = default;
};

}  // namespace reflector
