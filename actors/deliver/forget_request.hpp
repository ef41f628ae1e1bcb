#pragma once

#include <cstddef>
#include <string>
#include <vector>

// FOLDER/forget: the names of endpoints whose cursors are to be forgotten, one a line, left by the
// command line for the agent that has the spool open.

namespace reflector {

inline constexpr std::size_t max_forget_request_bytes = 64 * 1024;

std::string forget_request_path(const std::string& folder);

/// Empty without one.
std::vector<std::string> read_forget_request(const std::string& folder);

void remove_forget_request(const std::string& folder);

}  // namespace reflector
