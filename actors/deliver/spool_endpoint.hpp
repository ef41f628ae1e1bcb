#pragma once

#include "config/configuration.hpp"

#include <string>
#include <vector>

namespace reflector {

/// What the spool knows of an endpoint, or of a group, whose members share a cursor.
struct spool_endpoint {
  std::string name;
  reflector::backfill backfill = backfill::none;
};

/// Those that a configuration has.
std::vector<spool_endpoint> endpoints_of(const configuration& config);

}  // namespace reflector
