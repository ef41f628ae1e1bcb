#pragma once

#include "messages/command.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace reflector {

/// One line of the audit log.
struct audit_entry {
  enum class event {
    refused,      ///< will not run
    started,      ///< is about to run
    ended,        ///< has run
    interrupted,  ///< was running when an earlier agent ended
    reported,     ///< the queue has taken the result
    given_up,     ///< the queue will never take the result
  };
  event what = event::refused;
  std::string queue, id;
  std::string line;    ///< as the queue gave it; empty where this event repeats a known command
  std::string rule;    ///< that allowed it
  std::string key_id;  ///< of who has signed it
  std::string reason;  ///< of a refusal or a failed start
  std::string user;    ///< that it runs as; empty: the agent's
  std::optional<std::int64_t> pid;
  std::optional<command_status> status;
  std::optional<int> exit_code;
  std::optional<std::chrono::milliseconds> elapsed;
  std::optional<std::uint64_t> output_bytes, error_bytes;
  std::string output_sha256, error_sha256;  ///< hexadecimal
};

}  // namespace reflector
