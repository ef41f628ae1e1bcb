#pragma once

#include "actors/command/audit_log.hpp"
#include "actors/command/command_journal.hpp"
#include "actors/command/process_launcher.hpp"
#include "messages/interfaces.hpp"

#include <functional>
#include <memory>
#include <string>

#include <caf/fwd.hpp>

namespace reflector {

struct journal_dependencies {
  std::function<result<std::unique_ptr<command_journal>>()> open;
  std::unique_ptr<audit_log> audit;
  process_launcher& launcher;  ///< must outlive the actor; ends what an earlier agent has left
  std::string boot_id;
};

/// A journal that can't be opened is tried again at each message, and said in the answers. A start
/// is refused where it can't be audited; an end is journaled anyway, and the log says what is
/// missing in the audit log.
/// @param own_thread since it waits for the disk; false where time is virtual
journal_actor spawn_journal(caf::actor_system& system, journal_dependencies dependencies,
                            bool own_thread);

}  // namespace reflector
