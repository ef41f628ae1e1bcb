#pragma once

#include "messages/audit.hpp"
#include "messages/fault.hpp"
#include "messages/sample.hpp"

#include <functional>
#include <memory>
#include <string>

// A line for each event in the life of a command, one JSON object each, in the order in which they
// were written down. Keys come in this order, and only those that there is something to say of:
//
//   time           when it was written: "2026-11-24T08:00:00.123Z"
//   event          refused, started, ended, interrupted, reported or given_up
//   queue, id      which command
//   line           as the queue gave it, cut to 4 KiB; then line_bytes and line_sha256 tell of all
//   rule, key_id   what allowed it: a rule's name, "signed" or "any"; the key that had signed it
//   reason         of a refusal, an interruption, or a result that was given up
//   user           that it runs as, where that is not the agent's
//   pid            of the process that everything is under
//   status         succeeded, failed or timeout; exit_code: 128 + signal where a signal ended it
//   elapsed_ms     from its start to its end
//   output_bytes, error_bytes, output_sha256, error_sha256   all that it printed, kept or not
//
//   refused        line, reason, rule and key_id if any, status, exit_code
//   started        line, rule, key_id, user, pid; written before the first instruction is run
//   ended          rule, key_id, user, status, exit_code, elapsed_ms and the four of its output
//   interrupted    reason: an earlier agent ended while it ran, or may have run
//   reported       the queue has the result
//   given_up       the queue will never take it; reason
//
// Other texts are cut to 4 KiB without more ado. Bytes that are no UTF-8 are U+FFFD in all of them;
// line_sha256 is of the bytes as they came. A line that a power cut has torn is ended by the next
// one's beginning; nothing is synced, the journal is what has to be right.

namespace reflector {

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
