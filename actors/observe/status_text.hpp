#pragma once

#include "messages/status.hpp"

#include <string>

namespace reflector {

/// The status for a terminal: what is wrong first, then endpoints, spool, queues of commands,
/// actors, budgets. Nothing
/// in it steers the terminal. Long texts are cut, so that most lines fit into 80 places.
std::string status_text(const agent_status& all);

}  // namespace reflector
