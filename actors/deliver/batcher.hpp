#pragma once

#include "actors/observe/console.hpp"
#include "config/configuration.hpp"
#include "messages/identity.hpp"
#include "messages/interfaces.hpp"

#include <cstddef>

#include <caf/fwd.hpp>

namespace reflector {

/// Joins readings into samples, numbers them and commits them to the spool: one commit at a time,
/// all that has come together meanwhile in the next; at intervals below 200 ms, a group every 200
/// ms. What can't be committed is held up to `max_pending` samples, then the oldest are dropped;
/// they never had a number, and the samples behind them say how many there were.
/// @param watcher told of each sample; null for none
batcher_actor spawn_batcher(caf::actor_system& system, const configuration& config,
                            agent_identity identity, spool_actor spool, console_actor watcher);

inline constexpr std::size_t max_pending = 256;

}  // namespace reflector
