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
/// No collector blocks: what may never be answered they leave to a prober. The time that one wants
/// for the answers (collector::prepare) goes by without anybody waiting.
collector_actor spawn_collector(caf::actor_system& system, collector_id id,
                                std::unique_ptr<collector> source, batcher_actor batcher);

}  // namespace reflector
