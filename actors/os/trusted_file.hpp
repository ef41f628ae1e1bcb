#pragma once

#include "messages/fault.hpp"

#include <cstddef>
#include <string>

namespace reflector {

/// Reads a file that decides what is run: a regular file owned by root or the agent's user, that
/// neither group nor others may write, in folders (up to /) of which the same is true, except that
/// one with the sticky bit may be writable. A symbolic link is followed, and what it leads to is
/// what is checked. Faults name the path and what is wrong with it: missing, unreadable, refused,
/// too_large.
result<std::string> read_trusted_file(const std::string& path, std::size_t cap);

/// The same of a folder in which such files are looked for; one with the sticky bit that others may
/// write is refused too, as they could put files there.
result<void> check_trusted_folder(const std::string& path);

}  // namespace reflector
