#pragma once

#include "messages/fault.hpp"

#include <string>

namespace reflector {

/// Reads a secret of one line, as a bearer token is: a regular file (a symbolic link may lead to
/// it) that neither group nor others may access, of at most 8 KiB, holding one line of printable
/// ASCII; white space around it is dropped. Faults name the file and never quote what is in it:
/// missing, unreadable, refused (mode), too_large, malformed.
result<std::string> read_secret_file(const std::string& path);

}  // namespace reflector
