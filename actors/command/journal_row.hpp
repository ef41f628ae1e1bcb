#pragma once

#include "messages/command.hpp"
#include "messages/command_journal.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace reflector {

/// How far a command in the journal is. The numbers are stored.
enum class command_stage {
  received = 0,
  started = 1,
  finished = 2,
  barred = 3,  ///< its claim was used before: it must never run
};

// What a row of the journal holds in each stage, as the file's format says
// (durable_command_journal.hpp).

std::string to_json(const command& what);
std::string to_json(const process_identity& process, std::string_view boot_id);

/// Nothing where the text is something else.
std::optional<command> parse_received(std::string id, std::string_view json);
std::optional<started_command> parse_started(std::string id, std::string_view json);

/// What a row is stored with, so that neither its content nor whose it is changes unnoticed.
std::uint32_t row_crc(std::string_view queue, std::string_view id, command_stage stage,
                      std::string_view content);

}  // namespace reflector
