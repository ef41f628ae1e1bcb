#pragma once

#include <string>
#include <sys/stat.h>

namespace reflector {

/// Why someone other than root and `user` can change this file, or what is in this folder; empty
/// where nobody can. A folder that others may write passes with the sticky bit, which keeps them
/// from what isn't theirs.
std::string why_not_trusted(const struct stat& status, uid_t user);

}  // namespace reflector
