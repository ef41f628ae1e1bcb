#pragma once

#include "actors/cli/connect_verdict.hpp"
#include "config/configuration.hpp"

#include <iosfwd>
#include <string>
#include <vector>

namespace reflector {

class http_client;

/// Asks every endpoint whether it would take samples, all at the same time: a request without a
/// sample, with the credentials and certificates that the agent would use. For at most 10 s, and no
/// longer than its timeout. Of a file, whether this process' user could write it; nothing is made.
std::vector<connect_verdict> try_endpoints(const std::vector<endpoint_config>& endpoints,
                                           http_client& http);

/// `reflector check --connect`: a table of that on `out`, errors of the configuration on `err`.
/// Queues of commands are not asked, as they would hand out what waits there. The exit code: 0; 1
/// where an endpoint failed; 78 (EX_CONFIG).
int connect_check_command(const std::string& path, std::ostream& out, std::ostream& err);

}  // namespace reflector
