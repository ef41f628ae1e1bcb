#pragma once

#include "actors/deliver/cursor_database.hpp"
#include "actors/deliver/dead_letter_database.hpp"
#include "actors/deliver/segment.hpp"
#include "messages/fault.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace reflector {

/// A spool as its files have it (durable_spool.hpp), for somebody who only looks: no record, cursor
/// or file is changed, whether an agent writes there meanwhile or not. What is damaged is said, and
/// the rest goes on. A segment is open only while some of its records are read, never while they
/// are dealt with, so that a reader that waits (for a pipe, a pager) is not in the agent's way.
class spool_inspection {
 public:
  static constexpr std::uint64_t no_end = std::uint64_t{1} << 62;

  /// `missing` where there is no spool.
  static result<spool_inspection> open(const std::string& state_dir);

  const std::string& folder() const { return folder_; }
  /// First sequence numbers of the segments, ascending, when the folder was listed.
  const std::vector<std::uint64_t>& segments() const { return segments_; }
  /// Names of damaged segments that were set aside.
  const std::vector<std::string>& corrupt_files() const { return corrupt_files_; }
  /// The newest sequence number that state_dir/sequence says was given out; 0 where it says none.
  std::uint64_t given_out() const { return given_out_; }

  /// What the segment at this place of segments() may hold ends here; the newest may hold any.
  std::uint64_t end_of(std::size_t place) const;

  struct segment_facts {
    std::uint64_t first = 0, last = 0;  ///< last == first - 1: empty
    std::uint64_t bytes = 0;
  };
  /// `missing` where it has gone meanwhile.
  result<segment_facts> facts_of(std::size_t place) const;
  /// Of its files on the disk, whatever is in them.
  std::uint64_t file_bytes_of(std::size_t place) const;
  /// SQLite's own check; `missing` as above.
  result<void> check(std::size_t place) const;

  struct hole {
    std::uint64_t from = 0, to = 0;  ///< both ends in it
    std::string why;
    /// Between two segments, each whole: the agent has given these records up, or never wrote them.
    bool between_segments = false;
  };
  using record_visitor = std::function<bool(const record&)>;
  using hole_visitor = std::function<void(const hole&)>;

  /// Records in `from` to `to`, oldest first, each with a correct checksum, until `record_seen`
  /// answers false. Nothing is said of what is older than the oldest or newer than the newest.
  void each_record(std::uint64_t from, std::uint64_t to, const record_visitor& record_seen,
                   const hole_visitor& hole_seen) const;

  /// Nothing where there are none yet.
  result<std::optional<spool_state>> cursors() const;
  /// @param endpoint empty: of all
  result<std::vector<kept_dead_letter>> dead_letters(const std::string& endpoint) const;

  /// SQLite's own check of cursors.db or dead-letters.db; `missing` where there is none.
  result<void> check_database(const std::string& name) const;

  std::string cursors_path() const { return folder_ + "/cursors.db"; }
  std::string dead_letters_path() const { return folder_ + "/dead-letters.db"; }

 private:
  explicit spool_inspection(std::string folder) : folder_(std::move(folder)) {}

  /// What `work` (returns a result) answers for this segment, which is open meanwhile. Tried again
  /// where the agent may have been at it; `missing` where it has gone.
  template <class Work>
  auto with_segment(std::uint64_t first, const Work& work) const
      -> decltype(work(std::declval<segment&>()));
  result<std::vector<record>> some_records(std::uint64_t first, std::uint64_t from,
                                           std::uint64_t to) const;
  /// @param from,to within what the segment may hold  @return whether to go on
  bool records_of(std::size_t place, std::uint64_t from, std::uint64_t to,
                  const record_visitor& record_seen, const hole_visitor& hole_seen) const;

  std::string folder_;
  std::vector<std::uint64_t> segments_;
  std::vector<std::string> corrupt_files_;
  std::uint64_t given_out_ = 0;
};

}  // namespace reflector
