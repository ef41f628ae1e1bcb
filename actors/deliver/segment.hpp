#pragma once

#include "actors/os/database.hpp"
#include "config/spool_config.hpp"
#include "messages/delivery.hpp"
#include "messages/fault.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// A segment is one SQLite database of the spool, about 8 MiB, named after the first sequence number
// in it: segment-00000000000000000001.db. It holds all records from there to the one before the
// next segment's first; what it may hold beyond that is a leftover and is not read.
//
//   PRAGMA application_id = 0x52464c53 ("RFLS"), user_version = 1
//   TABLE segment  one row: agent_id TEXT, made_at INTEGER (ms of the spool's age clock)
//   TABLE record   sequence INTEGER PRIMARY KEY, crc INTEGER, json BLOB
//
// `json` is the sample's canonical JSON, the bytes that are sent. `crc` is the CRC-32C (Castagnoli)
// of the sequence number, as eight bytes, lowest first, followed by these bytes.
//
// While records are appended the database is in WAL mode. A segment that is full is sealed: the log
// is copied into the file, which then is all there is and never changes again. Nothing is ever
// deleted from a segment; it is unlinked as a whole.

namespace reflector {

/// The checksum that a record is stored with.
std::uint32_t record_crc(std::uint64_t sequence, std::string_view json);

class segment {
 public:
  static constexpr std::uint64_t page_bytes = 8192;  ///< of those that are made

  static std::string file_name(std::uint64_t first);
  /// Nothing where it is no segment's name.
  static std::optional<std::uint64_t> first_of(std::string_view file_name);
  /// What a creation that was interrupted left behind.
  static bool is_unfinished(std::string_view file_name);

  /// A new one, in `folder`, on the disk whole or not at all. A file of that name is replaced.
  static result<segment> create(const std::string& folder, std::uint64_t first,
                                const std::string& agent_id, std::chrono::milliseconds made_at,
                                durability how);
  /// `malformed` where it is damaged or another agent's.
  static result<segment> open_to_append(const std::string& folder, std::uint64_t first,
                                        const std::string& agent_id, durability how);
  /// @param agent_id empty: whoever's, and not a byte is changed; else an interrupted sealing is
  /// undone
  static result<segment> open_to_read(const std::string& folder, std::uint64_t first,
                                      const std::string& agent_id);

  std::uint64_t first() const { return first_; }
  const std::string& path() const { return file_.path(); }
  std::chrono::milliseconds made_at() const { return made_at_; }

  /// The newest record's sequence number; first() - 1 where there is none.
  result<std::uint64_t> last() const;
  /// What it takes on the disk, its log left out.
  result<std::uint64_t> bytes() const;

  /// All of them, on the disk, or none.
  result<void> append(std::span<const record> records);

  /// The first record at or behind `from` that is there, and those that follow it without a gap, up
  /// to `to` and to these bounds, at least one; none where there is none. Each has passed its
  /// checksum: a damaged one ends the list, and is `malformed` where it would be the first.
  result<std::vector<record>> read(std::uint64_t from, std::uint64_t to, std::size_t max_samples,
                                   std::size_t max_bytes);

  /// SQLite's own check of the whole file; `malformed` with what it found.
  result<void> check_integrity();

  /// See above. Afterwards it can only be read.
  result<void> seal();

  void keep_log_on_close() { file_.keep_log_on_close(); }

 private:
  segment(database file, std::uint64_t first) : file_(std::move(file)), first_(first) {}

  static result<segment> open(const std::string& folder, std::uint64_t first,
                              const std::string& agent_id, database::access how);
  result<void> prepare();

  database file_;
  std::uint64_t first_;
  std::chrono::milliseconds made_at_{0};
  statement insert_, select_;
};

}  // namespace reflector
