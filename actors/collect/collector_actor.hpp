#pragma once

#include "actors/collect/collector.hpp"
#include "messages/interfaces.hpp"

#include <memory>

#include <caf/fwd.hpp>

namespace reflector {

/// The actor around a collector: measures at each tick and tells the batcher. One that was started
/// after tick 0 takes its first reading and, a baseline later, the one it tells. Says in the log
/// when a collector begins to fail and when it is well again, not at each tick between.
///
/// One that may block gets a thread of its own, so that it holds up no other actor. Where that
/// changes later (something was mounted), the actor ends, and the supervisor starts another, with a
/// thread.
/// @param threads false: never a thread of its own, for tests in virtual time
collector_actor spawn_collector(caf::actor_system& system, collector_id id,
                                std::unique_ptr<collector> source, batcher_actor batcher,
                                bool threads);

}  // namespace reflector
