#pragma once

#include "actors/cli/spool_place.hpp"

#include <chrono>
#include <iosfwd>
#include <string>

namespace reflector {

/// `reflector spool forget NAME`: the endpoint's cursor and losses go, so that what was kept for it
/// can. By itself where no agent runs on the folder; else the agent is asked, through the file
/// spool/forget, and waited for. Dead letters stay. The exit code: 0; 1 where the endpoint is
/// unknown or still configured, or the agent has not done it in time.
/// @param place with a configuration
int spool_forget(const spool_place& place, const std::string& endpoint, std::ostream& out,
                 std::ostream& err);

/// How long the agent may take, which looks at its next sample.
std::chrono::milliseconds forget_patience(std::chrono::milliseconds interval);

/// Adds a line to FOLDER/forget, which is replaced as a whole; made with mode 0600, and the
/// folder's owner's, as the agent may not be who asks.
result<void> request_forget(const std::string& folder, const std::string& endpoint);

}  // namespace reflector
