#pragma once

#include "config/configuration.hpp"
#include "config/consistency.hpp"

#include <string>
#include <vector>

namespace reflector {

/// What is wrong between the keys of endpoints and groups, and missing from them.
void check_endpoints(const configuration& config, std::vector<inconsistency>& out);

/// Keys about how a server is reached, of any section that has a URL.
void check_credentials(const credentials_config& credentials, const std::string& url,
                       const std::string& owner, std::vector<inconsistency>& out);

void check_retry(const retry_config& retry, const std::string& owner,
                 std::vector<inconsistency>& out);

}  // namespace reflector
