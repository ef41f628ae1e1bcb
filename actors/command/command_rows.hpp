#pragma once

#include "actors/command/journal_row.hpp"
#include "actors/os/database.hpp"
#include "messages/command_journal.hpp"
#include "messages/fault.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace reflector {

/// The journal's table of the commands that are open (durable_command_journal.hpp).
class command_rows {
 public:
  static constexpr const char* schema =
      "CREATE TABLE command (number INTEGER PRIMARY KEY, queue TEXT NOT NULL, id TEXT NOT NULL,"
      " stage INTEGER NOT NULL, content BLOB NOT NULL, crc INTEGER NOT NULL);"
      " CREATE UNIQUE INDEX command_by_id ON command (queue, id)";

  static result<command_rows> open(const database& file);

  struct row {
    std::optional<command_stage> stage;  ///< nothing where the row is damaged
    std::string content;
  };

  result<std::optional<row>> find(const std::string& queue, const std::string& id);
  result<void> add(const std::string& queue, const std::string& id, command_stage stage,
                   std::string_view content);
  result<void> change(const std::string& queue, const std::string& id, command_stage stage,
                      std::string_view content);
  result<void> remove(const std::string& queue, const std::string& id);
  result<std::uint64_t> count();
  /// In the order in which they were added.
  result<open_commands> list(const std::string& queue);

 private:
  command_rows() = default;

  statement select_, insert_, update_, delete_, count_, list_;
};

}  // namespace reflector
