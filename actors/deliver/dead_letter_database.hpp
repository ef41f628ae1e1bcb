#pragma once

#include "actors/os/database.hpp"
#include "messages/delivery.hpp"
#include "messages/fault.hpp"
#include "messages/sample.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// state_dir/spool/dead-letters.db: samples that an endpoint refused for good, with its answer.
//
//   PRAGMA application_id = 0x52464c44 ("RFLD"), user_version = 1
//   TABLE letter  id INTEGER PRIMARY KEY, endpoint TEXT, sequence INTEGER, at INTEGER (ms since
//                 1970, when it was set aside), status INTEGER (of HTTP), answer TEXT (printable,
//                 the first 1,000 bytes), crc INTEGER (as in segment.hpp), json BLOB
//
// Bounded in bytes: the oldest go first. Each change is synced. The command line reads and changes
// it while the agent runs.

namespace reflector {

struct kept_dead_letter {
  std::int64_t id = 0;
  std::string endpoint;
  std::uint64_t sequence = 0;
  wall_time at;
  int status = 0;
  std::string answer;  ///< printable
  std::string json;    ///< empty where it is damaged
};

class dead_letter_database {
 public:
  static constexpr std::size_t max_answer_bytes = 1000;

  /// Made where it is missing. @param max_bytes of JSON and answers together
  static result<dead_letter_database> open(const std::string& path, std::uint64_t max_bytes);
  /// Nothing where there is none.
  static result<std::optional<dead_letter_database>> open_existing(const std::string& path);

  /// A letter that is there already (same endpoint and sequence number) is replaced.
  result<void> add(const dead_letter& letter, wall_time now);
  /// Oldest first. @param endpoint empty: of all
  result<std::vector<kept_dead_letter>> list(const std::string& endpoint);
  result<void> remove(std::int64_t id);
  /// What the endpoint said when it was tried again.
  result<void> update_answer(std::int64_t id, int status, const std::string& answer);
  result<std::uint64_t> count();

 private:
  dead_letter_database(database file, std::uint64_t max_bytes)
      : file_(std::move(file)), max_bytes_(max_bytes) {}

  database file_;
  std::uint64_t max_bytes_;
};

}  // namespace reflector
