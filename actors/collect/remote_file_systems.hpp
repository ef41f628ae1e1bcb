#pragma once

#include <string_view>

namespace reflector {

/// Whether a file system of this type (as mountinfo has it) is storage although no device of this
/// host stands behind it: network file systems, shares of a hypervisor, and FUSE, but for FUSE
/// types that only show something that is elsewhere (portals, lxcfs).
bool is_remote(std::string_view type);

/// Whether a call to a file system of this type may wait for a server, another node or a program,
/// and so never return: the remote ones, all of FUSE, and file systems that a cluster shares.
bool may_never_answer(std::string_view type);

}  // namespace reflector
