#pragma once

#include <string>
#include <vector>

// FOLDER/forget: the names of endpoints whose cursors are to be forgotten, one a line, left by the
// command line for the agent that has the spool open.

namespace reflector {

/// Empty without one.
std::vector<std::string> read_forget_request(const std::string& folder);

void remove_forget_request(const std::string& folder);

}  // namespace reflector
