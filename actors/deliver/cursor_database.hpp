#pragma once

#include "actors/deliver/loss_ledger.hpp"
#include "actors/os/database.hpp"
#include "messages/fault.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

// state_dir/spool/cursors.db: how far each endpoint is, and what it will never get.
//
//   PRAGMA application_id = 0x52464c43 ("RFLC"), user_version = 1
//   TABLE state  one row, id 1: crc INTEGER (CRC-32C of json), json BLOB
//
//   {"endpoints":{"ego":{"cursor":12,"sent_to":20}},
//    "lost":[{"from":3,"to":5,"reason":"…","untold":["ego"],"declared_in":0}],
//    "clock":{"boot_id":"…","uptime_ms":123,"age_ms":456}}
//
// One row with one checksum, because a missing row among several would not be noticed. A change
// survives the agent's death at once, and a power cut once it was saved durably; a cursor that a
// power cut throws back costs a second delivery.

namespace reflector {

struct endpoint_cursor {
  std::uint64_t cursor = 0;   ///< everything up to here is there, or was given up
  std::uint64_t sent_to = 0;  ///< the end of a batch of several that is on its way; else 0

  friend bool operator==(const endpoint_cursor&, const endpoint_cursor&) = default;
};

/// Counts the milliseconds in which the host was on since the spool was made, and is moved by no
/// wall clock.
struct age_clock {
  std::string boot_id;
  std::chrono::milliseconds uptime{0};  ///< CLOCK_BOOTTIME when `age` was right
  std::chrono::milliseconds age{0};

  friend bool operator==(const age_clock&, const age_clock&) = default;
};

struct spool_state {
  std::map<std::string, endpoint_cursor> endpoints;
  loss_ledger lost;
  age_clock clock;
};

std::string to_json(const spool_state& state);
/// `malformed` where it isn't what to_json writes.
result<spool_state> parse_spool_state(std::string_view json);

class cursor_database {
 public:
  /// Made where it is missing.
  static result<cursor_database> open(const std::string& path);
  static result<cursor_database> open_to_read(const std::string& path);

  /// Nothing in one that was just made; `malformed` where it is damaged.
  result<std::optional<spool_state>> load();

  /// @param durably returns only when a power cut can't undo it
  result<void> save(const spool_state& state, bool durably);

 private:
  explicit cursor_database(database file) : file_(std::move(file)) {}

  database file_;
  statement upsert_;
};

}  // namespace reflector
