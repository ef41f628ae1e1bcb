#include "actors/command/command_audit.hpp"

#include "actors/text/hexadecimal.hpp"

namespace reflector {
namespace {

audit_entry who_asked(audit_entry::event what, const command& asked,
                      const command_decision& decision) {
  audit_entry entry;
  entry.what = what;
  entry.id = asked.id;
  entry.rule = decision.rule;
  entry.key_id = decision.key_id;
  if (decision.run) entry.user = decision.run->user;
  return entry;
}

}  // namespace

audit_entry audit_of_start(const command& asked, const command_decision& decision,
                           const process_identity& process) {
  audit_entry entry = who_asked(audit_entry::event::started, asked, decision);
  entry.line = asked.line;
  entry.pid = process.pid;
  return entry;
}

audit_entry audit_of_end(audit_entry::event what, const command& asked,
                         const command_decision& decision, const command_result& result,
                         const process_outcome* outcome) {
  audit_entry entry = who_asked(what, asked, decision);
  entry.status = result.status;
  entry.exit_code = result.exit_code;
  if (what != audit_entry::event::ended) {
    entry.line = asked.line;
    entry.reason = result.standard_error;
    return entry;
  }
  entry.elapsed = result.elapsed;
  if (outcome == nullptr) return entry;
  entry.output_bytes = outcome->output.bytes;
  entry.error_bytes = outcome->errors.bytes;
  entry.output_sha256 = hexadecimal(outcome->output.sha256);
  entry.error_sha256 = hexadecimal(outcome->errors.sha256);
  return entry;
}

}  // namespace reflector
