#pragma once

#include "messages/command.hpp"
#include "messages/fault.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace reflector {

/// EGO answers a poll with five commands at most; more than this are not looked at.
inline constexpr std::size_t max_pending_commands = 100;
inline constexpr std::size_t max_pending_answer_bytes = 1024 * 1024;
inline constexpr std::size_t max_command_id_bytes = 200;
/// EGO refuses a body of more than 102,400 bytes.
inline constexpr std::size_t max_result_body_bytes = 100'000;

/// An entry that can't be run but can be answered.
struct malformed_command {
  std::string id;
  std::string wrong;  ///< for the person who queued it
};

struct pending_commands {
  std::vector<command> commands;  ///< oldest first, as the queue has them
  std::vector<malformed_command> malformed;
  std::size_t unanswerable =
      0;                     ///< entries without a usable id, and those past max_pending_commands
  std::size_t repeated = 0;  ///< entries whose id had been there before in the same answer
};

/// Reads the answer to a poll: an array of {"id", "command", "timeoutSeconds" or "timeout"}, or an
/// object with that array as "items". A time-out may be null or missing; seconds, fractions too, up
/// to a day. Faults: `too_large`, `malformed` (not JSON, not UTF-8, nested deeper than any answer
/// is, or of another shape).
result<pending_commands> parse_pending_commands(std::string_view body);

/// EGO's word: "succeeded", "failed", "timeout".
const char* name_of(command_status status);

/// The body that reports a result: the same bytes for the same result. Where it would pass
/// max_result_body_bytes, the middles of the streams are left out (output_cut.hpp).
std::string encode_command_result(const command_result& result);

}  // namespace reflector
