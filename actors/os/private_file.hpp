#pragma once

#include "messages/fault.hpp"

#include <cstddef>
#include <string>

namespace reflector {

/// Reads a file that holds a secret: a regular file (a symbolic link may lead to it) that neither
/// group nor others may access, checked through the descriptor. Faults name the file and never
/// quote what is in it: missing, unreadable, refused (mode), too_large.
result<std::string> read_private_file(const std::string& path, std::size_t cap);

}  // namespace reflector
