#pragma once

#include "messages/command.hpp"
#include "messages/command_journal.hpp"
#include "messages/delivery.hpp"
#include "messages/health.hpp"
#include "messages/tick.hpp"

#include <chrono>
#include <memory>
#include <vector>

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/atom.hpp>
#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>

namespace reflector {
struct configuration;
/// What the operator says, as it is from a reload on.
using configuration_ptr = std::shared_ptr<const configuration>;
}  // namespace reflector

// Messages never leave the process, so none of them needs to be serialised.
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(reflector::tick)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(reflector::measured)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(reflector::commit)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(reflector::commit_receipt)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(reflector::next_records)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(reflector::record_slice)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(reflector::dead_letter)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(reflector::dead_letter_receipt)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(reflector::permit_request)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(reflector::permit_return)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(reflector::command)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(reflector::command_report)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(reflector::report_receipt)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(reflector::commands_received)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(reflector::receptions)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(reflector::command_step)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(reflector::step_receipt)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(reflector::open_question)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(reflector::open_answer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(reflector::command_room)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(std::vector<reflector::command>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(reflector::configuration_ptr)

namespace reflector {

using stop_atom = caf::atom_constant<caf::atom("stop")>;
using last_atom = caf::atom_constant<caf::atom("last")>;
using room_atom = caf::atom_constant<caf::atom("room")>;
using probe_atom = caf::atom_constant<caf::atom("probe")>;

// In the order of the flow. Every child of the supervisor understands stop: finish what can be
// finished at once, then end. The supervisor ends those that don't by their deadline.

using child_actor = caf::typed_actor<caf::reacts_to<stop_atom>>;

/// Owns the children and the budget.
using supervisor_actor = caf::typed_actor<
    // Stop all children in reverse order of their start, then end.
    caf::reacts_to<stop_atom>,
    // May I? Answers how long to wait before doing it: zero means now, and the permit is taken
    // either way. The answer itself comes late where too many requests are on their way.
    caf::replies_to<permit_request>::with<std::chrono::nanoseconds>,
    // A request is over, and its place free.
    caf::reacts_to<permit_return>>;

/// A child that the pacer's ticks go to.
using ticked_actor = caf::typed_actor<caf::reacts_to<stop_atom>,
                                      // Tick: measure, or begin a sample.
                                      caf::reacts_to<tick>>;

/// Measures on each tick and tells the batcher.
using collector_actor = ticked_actor;

/// Joins the readings of one tick into a sample, numbers it and commits it.
using batcher_actor = ticked_actor::extend<
    // A collector's answer to a tick; one for a tick that is past is dropped.
    caf::reacts_to<measured>,
    // The configuration has changed; counts from the next sample on.
    caf::reacts_to<configuration_ptr>>;

/// Keeps committed records until every endpoint has them.
using spool_actor = child_actor::extend<
    // Keep these; answered once they are on the disk, or, while it can't be written, in memory.
    caf::replies_to<commit>::with<commit_receipt>,
    // The sequence number of the newest record ever committed under this agent id, and undeclared
    // losses.
    caf::replies_to<last_atom>::with<commit_receipt>,
    // Move this endpoint's cursor, and give what comes after it as soon as there is something. One
    // question per endpoint: a newer one takes the place of an older one, which is never answered.
    caf::replies_to<next_records>::with<record_slice>,
    // Set this record aside for its endpoint.
    caf::replies_to<dead_letter>::with<dead_letter_receipt>,
    // The configuration has changed: its bounds and its endpoints.
    caf::reacts_to<configuration_ptr>>;

/// Delivers to one endpoint; asks the spool for more only when the last batch is settled.
using uplink_actor = child_actor;

/// Writes down what becomes of each command before it does, for all queues; and the audit log.
using journal_actor = child_actor::extend<
    // These have come from a queue.
    caf::replies_to<commands_received>::with<receptions>,
    // This is about to become of a command.
    caf::replies_to<command_step>::with<step_receipt>,
    // What has an earlier life left open? Answered when nothing of it runs any more.
    caf::replies_to<open_question>::with<open_answer>,
    // Could you write now?
    caf::replies_to<probe_atom>::with<step_receipt>>;

/// Decides, runs and answers the commands of one queue, a bounded number at a time.
using executor_actor = child_actor::extend<
    // How many more commands would be taken now?
    caf::replies_to<room_atom>::with<command_room>,
    // Run these. Those past the room that was promised are answered as failed, not forgotten.
    caf::reacts_to<std::vector<command>>>;

/// Submits results to the queue the commands came from.
using reporter_actor = child_actor::extend<
    // Answered when the queue has taken it or has said that it never will.
    caf::replies_to<command_report>::with<report_receipt>>;

/// Asks the queue for commands, never while an earlier question is open or the executor has no
/// room.
using poller_actor = child_actor;

}  // namespace reflector
