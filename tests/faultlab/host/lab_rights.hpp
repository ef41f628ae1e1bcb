#pragma once

#include "tests/faultlab/fault.hpp"

#include <optional>
#include <string>

namespace reflector::faultlab {

/// Why this machine or user can't give it, in a user's words; empty: it can. Found out by trying,
/// once in a process; ask before enter_private_world.
std::string lacks(need what);

/// Mount and network namespaces of the calling process's own, mounts private, lo up; without root
/// in a user namespace. With `name_server` names are asked for at 127.0.0.1 alone. Must be called
/// while the process has one thread. @return an error
std::optional<std::string> enter_private_world(bool name_server);

}  // namespace reflector::faultlab
