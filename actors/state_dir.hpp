#pragma once

#include "actors/os/unique_descriptor.hpp"
#include "messages/fault.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

// What the agent keeps between runs, all in [agent] state_dir (mode 0700):
//
//   lock            held while an agent uses the folder
//   agent_id        one line: a random UUID (RFC 4122, version 4), made at the first start
//   sequence        the newest sequence number that was given out: 20 digits, a space, and the
//                   CRC-32C of the digits as 8 hexadecimal ones
//   status.sock     a socket, while the agent runs: how it is (observe/status_server.hpp)
//   spool           a folder: what waits for the endpoints (deliver/durable_spool.hpp)
//   commands.db     what has become of each command (command/durable_command_journal.hpp)
//   audit.jsonl     who had what run (command/audit_log.hpp), and older ones, audit.jsonl.1 …

namespace reflector {

/// The folder, held by this process alone until destruction.
class state_dir {
 public:
  /// Makes the folder when it is missing (its parents too), and takes the lock. `refused` when
  /// another agent has it.
  static result<state_dir> open(const std::string& path);

  const std::string& path() const { return path_; }
  std::string file(std::string_view name) const { return path_ + '/' + std::string{name}; }

  /// Made at the first call ever; a damaged one is a fault, for the agent would be another to its
  /// endpoints.
  result<std::string> agent_id() const;

 private:
  state_dir(std::string path, unique_descriptor lock)
      : path_(std::move(path)), lock_(std::move(lock)) {}

  std::string path_;
  unique_descriptor lock_;
};

/// Writes beside the place, syncs and renames: the file is the old one or the new one, whole. Mode
/// 0600.
result<void> replace_file(const std::string& path, std::string_view content);

/// What the file "sequence" says; nothing where that doesn't match its checksum.
std::optional<std::uint64_t> parse_sequence(std::string_view text);

/// The newest sequence number, written in place behind each commit (so that a full disk is no
/// hindrance) and not synced: a crash of the agent doesn't lead to a number being used twice, and a
/// power cut changes the boot id.
class sequence_file {
 public:
  static result<sequence_file> open(const std::string& path);

  std::uint64_t last() const { return last_; }  ///< 0 where there was none, or a damaged one
  bool was_damaged() const { return damaged_; }
  result<void> store(std::uint64_t last);

 private:
  sequence_file(unique_descriptor file, std::uint64_t last, bool damaged)
      : file_(std::move(file)), last_(last), damaged_(damaged) {}

  unique_descriptor file_;
  std::uint64_t last_;
  bool damaged_;
};

}  // namespace reflector
