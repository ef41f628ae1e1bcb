#pragma once

#include "config/configuration.hpp"

#include <string>
#include <vector>

namespace reflector {

enum class print_samples { automatic, always, never };

/// Runs the agent until SIGTERM or SIGINT. Blocks these signals first, so call it before any thread
/// is started.
/// @param warnings of loading the configuration; logged once the log is there
/// @param printing a line a sample on standard output; automatic: where that is a terminal
/// @return exit_success when it was told to stop; exit_failure when it could not start, or a part
/// of it failed beyond
///   its limits
int run_command(const configuration& config, const std::vector<std::string>& warnings,
                print_samples printing);

}  // namespace reflector
