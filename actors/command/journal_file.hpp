#pragma once

#include "actors/command/command_rows.hpp"
#include "actors/command/remembered_keys.hpp"
#include "actors/os/database.hpp"
#include "messages/fault.hpp"
#include "messages/sample.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace reflector {

/// The journal's database, found whole (durable_command_journal.hpp).
struct journal_file {
  database file;
  /// Claims from before may have been used, and that was lost.
  std::optional<wall_time> lost_before;
  command_rows rows;
  remembered_keys keys;
};

/// Made where it is missing, and made anew, with a warning, where it is damaged.
/// @param max_remembered keys
result<journal_file> open_journal_file(const std::string& path, std::uint64_t max_remembered,
                                       const std::function<wall_time()>& wall_now);

}  // namespace reflector
