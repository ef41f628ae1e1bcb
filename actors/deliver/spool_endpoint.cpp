#include "actors/deliver/spool_endpoint.hpp"

namespace reflector {

std::vector<spool_endpoint> endpoints_of(const configuration& config) {
  std::vector<spool_endpoint> all;
  for (const auto& endpoint : config.endpoints)
    if (endpoint.group.empty()) all.push_back({endpoint.name, endpoint.backfill});
  for (const auto& group : config.groups) all.push_back({group.name, group.backfill});
  return all;
}

}  // namespace reflector
