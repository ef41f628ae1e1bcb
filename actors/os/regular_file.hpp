#pragma once

#include "actors/os/unique_descriptor.hpp"
#include "messages/fault.hpp"

#include <cstddef>
#include <string>
#include <sys/stat.h>

namespace reflector {

/// Open for reading, and looked at through the descriptor: what is checked is what is read.
struct regular_file {
  unique_descriptor descriptor;
  struct stat status {};
};

/// Unreadable where it isn't a regular file; a FIFO or a device doesn't hold up the caller.
result<regular_file> open_regular_file(const std::string& path);

/// Its content, from where it stands; too_large past `cap` bytes, of which no more than one beyond
/// is read.
result<std::string> read_all(const regular_file& file, const std::string& path, std::size_t cap);

/// Both.
result<std::string> read_regular_file(const std::string& path, std::size_t cap);

}  // namespace reflector
