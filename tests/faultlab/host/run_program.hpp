#pragma once

#include <optional>
#include <string>
#include <vector>

namespace reflector::faultlab {

/// Runs a program found in PATH or /usr/sbin to its end. What it printed as an error when it
/// failed, or that it took longer than 20 s and was killed; nothing: it succeeded.
std::optional<std::string> run_program(const std::vector<std::string>& words);

}  // namespace reflector::faultlab
