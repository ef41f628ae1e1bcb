#pragma once

#include "actors/os/unique_descriptor.hpp"
#include "messages/fault.hpp"

#include <string>

namespace reflector {

/// Opens paths relative to a directory, with symbolic links resolved inside it.
class root_directory {
 public:
  explicit root_directory(std::string path);

  const std::string& path() const { return path_; }
  bool is_own_system() const { return own_system_; }

  /// `flags` beside O_CLOEXEC and, for all but O_PATH, O_NONBLOCK and O_NOCTTY: a FIFO must not
  /// hold the agent up. The fault says path and reason.
  result<unique_descriptor> open(const std::string& path, int flags) const;
  /// As above, and a fault where it isn't a regular file.
  result<unique_descriptor> open_regular(const std::string& path) const;

 private:
  int open_raw(const char* path, int flags) const;

  std::string path_;
  bool own_system_;
  unique_descriptor directory_;
};

}  // namespace reflector
