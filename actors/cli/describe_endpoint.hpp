#pragma once

#include "config/configuration.hpp"

#include <string>

namespace reflector {

/// An endpoint in one line for people: "endpoint ego: ego at http://…, every sample, gzip, at most
/// 100 samples a request". Of credentials their kind alone.
std::string describe_endpoint(const endpoint_config& endpoint);

/// "group pair: failover, first ego-a, then ego-b; back after 30s"
std::string describe_group(const group_config& group, const configuration& config);

}  // namespace reflector
