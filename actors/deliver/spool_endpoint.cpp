#include "actors/deliver/spool_endpoint.hpp"

namespace reflector {

std::vector<spool_endpoint> endpoints_of(const configuration& config) {
  std::vector<spool_endpoint> all;
  for (const auto& endpoint : config.endpoints) all.push_back({endpoint.name, endpoint.backfill});
  return all;
}

}  // namespace reflector
