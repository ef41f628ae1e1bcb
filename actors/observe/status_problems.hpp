#pragma once

#include "messages/status.hpp"

#include <string>
#include <vector>

namespace reflector {

/// What is wrong with an agent that runs, a sentence each, the worst for the data first; empty: all
/// is well. Names and texts are as they came. It is what `reflector status` ends with 3 for:
///
///   - an endpoint that doesn't take what it is sent (retrying, refusing, held, its breaker open)
///   - a spool that is not open, or whose disk refuses something
///   - a queue of commands of which none is run, though its policy may let them
///   - an actor that is quarantined, hung, waiting for its restart, or has ended
///   - a degraded agent, threads that were abandoned, and a reload that was refused
std::vector<std::string> status_problems(const agent_status& all);

}  // namespace reflector
