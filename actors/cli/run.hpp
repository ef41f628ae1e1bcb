#pragma once

#include "actors/cli/reload.hpp"
#include "config/configuration_load.hpp"

namespace reflector {

enum class print_samples { automatic, always, never };

/// Runs the agent until SIGTERM or SIGINT. SIGHUP makes it read its configuration again; one that
/// is wrong changes nothing. On a terminal SIGHUP ends it, as the terminal was closed. Blocks these
/// signals first, so call it before any thread is started.
/// @param first the configuration, loaded  @param again loads it once more
/// @param printing a line a sample on standard output; automatic: where that is a terminal
/// @return exit_success when it was told to stop; exit_failure when it could not start, or a part
/// of it failed beyond
///   its limits
int run_command(const loaded_configuration& first, const load_configured& again,
                print_samples printing);

}  // namespace reflector
