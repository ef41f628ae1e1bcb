#pragma once

#include "messages/command.hpp"
#include "messages/fault.hpp"
#include "messages/tick.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
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

/// Append-only JSON lines.
class audit_log {
 public:
  audit_log() = default;
  audit_log(const audit_log&) = delete;
  audit_log& operator=(const audit_log&) = delete;
  virtual ~audit_log() = default;

  /// The line is with the kernel when it returns. May block.
  virtual result<void> write(const audit_entry& entry) = 0;
};

/// At `path`, mode 0600, rotated at 8 MiB to path.1 … path.5.
std::unique_ptr<audit_log> open_audit_log(std::string path, std::function<wall_time()> wall_now);

}  // namespace reflector
