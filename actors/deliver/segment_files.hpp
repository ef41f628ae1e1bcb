#pragma once

#include "actors/deliver/segment.hpp"
#include "config/spool_config.hpp"
#include "messages/delivery.hpp"
#include "messages/fault.hpp"

#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace reflector {

/// The segments of a spool in the order of their numbers, as files: which there are, the newest one
/// for appending, a few others open for reading. What is damaged beyond opening is set aside when
/// it is met; what holds a damaged record, when it is removed.
class segment_files {
 public:
  /// Lists the folder and removes what an interrupted creation left; opens no segment.
  static result<segment_files> list(const std::string& folder, const std::string& agent_id);

  const std::string& folder() const { return folder_; }
  bool empty() const { return entries_.empty(); }
  std::size_t count() const { return entries_.size(); }
  std::uint64_t bytes() const;  ///< on the disk, logs left out

  // Of these, only count and bytes may be asked of an empty one.
  std::uint64_t oldest_first() const { return entries_.front().first; }
  std::uint64_t oldest_last() const { return last_of(0); }
  std::uint64_t newest_first() const { return entries_.back().first; }
  std::uint64_t newest_bytes() const { return entries_.back().bytes; }
  /// On the spool's age clock; only while can_append.
  std::chrono::milliseconds newest_made_at() const { return writer_->made_at(); }
  /// Nothing where it can't be read.
  std::optional<std::chrono::milliseconds> second_made_at();

  /// Opens the newest for appending. @return its last number
  result<std::uint64_t> open_newest(durability how);
  bool can_append() const { return writer_.has_value(); }
  /// A new newest one; the one before is sealed.
  result<void> begin(std::uint64_t first, std::chrono::milliseconds made_at, durability how);
  result<void> append(std::span<const record> records);
  /// Nothing more is appended to it; sealed if that is possible.
  void close_newest();
  /// The same without touching the file any more.
  void abandon_newest();
  result<void> set_aside_newest() { return set_aside(entries_.size() - 1); }

  void remove_oldest();

  /// The first record at or behind `from` that is there, and those that follow it in its segment
  /// (see segment::read). A damaged record is a fault; is_passing (damaged_file.hpp) tells whether
  /// it's worth asking again.
  result<std::vector<record>> read(std::uint64_t from, std::uint64_t to, std::size_t max_samples,
                                   std::size_t max_bytes);

  /// The number of the first record at or behind `from` that can be read; 0 where there is none up
  /// to `to`.
  result<std::uint64_t> next_readable(std::uint64_t from, std::uint64_t to);

 private:
  struct entry {
    std::uint64_t first = 0;
    std::uint64_t bytes = 0;
    std::optional<std::chrono::milliseconds> made_at;  ///< once it was opened
    bool damaged = false;
    int failures = 0;  ///< to read it, in a row
  };
  struct reader {
    std::uint64_t first = 0;
    segment file;
  };

  segment_files(std::string folder, std::string agent_id)
      : folder_(std::move(folder)), agent_id_(std::move(agent_id)) {}

  std::string path_of(std::size_t index) const;
  std::uint64_t last_of(std::size_t index) const {
    return index + 1 < entries_.size() ? entries_[index + 1].first - 1
                                       : std::numeric_limits<std::uint64_t>::max();
  }
  std::size_t index_of(std::uint64_t sequence) const;
  bool may_pass(std::size_t index, const fault& why);
  result<segment*> open_to_read(std::size_t index);
  result<void> set_aside(std::size_t index);
  void close_readers_of(std::uint64_t first);

  std::string folder_, agent_id_;
  std::vector<entry> entries_;
  std::optional<segment> writer_;  ///< of the newest entry
  std::vector<reader> readers_;    ///< the one used last comes last
};

}  // namespace reflector
