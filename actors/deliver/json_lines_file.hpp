#pragma once

#include "messages/delivery.hpp"
#include "messages/fault.hpp"

#include <cstdint>
#include <span>
#include <string>

namespace reflector {

/// A file of JSON Lines that is rotated by size: PATH, PATH.1 (the one before), … PATH.<backups>.
class json_lines_file {
 public:
  enum class access {
    group,  ///< made with mode 0640; what is there is taken as it is
    /// Made with mode 0600 or tightened to that, never through a symbolic link. Begun anew where
    /// somebody has moved it away, and a line that was left unfinished is ended first.
    owner,
  };

  enum class sync {
    never,   ///< when it is on the disk is the kernel's business
    always,  ///< append() returns once it is; not on a pipe
  };

  /// @param path "-" is standard output, which is never rotated  @param max_bytes rotated before it
  /// would pass this
  json_lines_file(std::string path, std::uint64_t max_bytes, unsigned backups,
                  access who = access::group, sync when = sync::never);
  json_lines_file(const json_lines_file&) = delete;
  json_lines_file& operator=(const json_lines_file&) = delete;
  ~json_lines_file();

  /// All of them or none: what was written of a line that could not be finished is cut off again
  /// (not on a pipe). The next call opens the file anew after a fault.
  result<void> append(std::span<const record> records);

 private:
  result<void> open();
  result<void> tighten(unsigned mode);
  bool was_moved_away() const;
  result<void> rotate();
  result<void> sync_to_disk();
  void close();

  std::string path_;
  std::uint64_t max_bytes_;
  unsigned backups_;
  access who_;
  sync when_;
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
  bool is_new_ = true;          ///< its name may not be on the disk
  bool is_unfinished_ = false;  ///< its last byte ends no line
};

}  // namespace reflector
