#pragma once

#include "actors/command/command_gate.hpp"
#include "messages/audit.hpp"
#include "messages/command.hpp"

namespace reflector {

// What the audit log says of a command; the queue's name is left to the caller.

audit_entry audit_of_start(const command& asked, const command_decision& decision,
                           const process_identity& process);

/// @param what refused, ended or interrupted  @param outcome null: nothing has run, or nothing is
/// known of it
audit_entry audit_of_end(audit_entry::event what, const command& asked,
                         const command_decision& decision, const command_result& result,
                         const process_outcome* outcome);

}  // namespace reflector
