#pragma once

#include "config/endpoint_config.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace reflector {

enum class group_mode {
  failover,  ///< the first member in the order of the file that takes what it is sent
  balance,   ///< the same, in an order that the host's name decides: a fleet spreads over them
};

/// [[group]]: endpoints of which one gets each sample. To the spool it is one endpoint, with one
/// cursor.
struct group_config {
  std::string name;  ///< the cursor's identity; not that of an endpoint
  group_mode mode = group_mode::failover;
  /// A better member that failed gets everything again once it has taken what it is tried with for
  /// this long.
  std::chrono::milliseconds return_after{30'000};
  reflector::backfill backfill = backfill::none;
  std::optional<std::chrono::milliseconds> every;  ///< as of an endpoint

  friend bool operator==(const group_config&, const group_config&) = default;
};

}  // namespace reflector
