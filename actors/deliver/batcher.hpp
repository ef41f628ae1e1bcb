#pragma once

#include "actors/observe/console.hpp"
#include "actors/observe/newest_sample.hpp"
#include "config/configuration.hpp"
#include "messages/identity.hpp"
#include "messages/interfaces.hpp"

#include <atomic>
#include <cstddef>
#include <memory>

#include <caf/fwd.hpp>

namespace reflector {

/// Joins readings into samples, numbers them and commits them to the spool: one commit at a time,
/// all that has come together meanwhile in the next; at intervals below 200 ms, a group every 200
/// ms. What can't be committed is held up to `max_pending` samples, then the oldest are dropped;
/// they never had a number, and the samples behind them say how many there were.
/// @param watcher told of each sample, but for those that come while it has one; null for none
/// @param backlog set to commit_receipt::fullness; null for none
/// @param newest becomes each sample that is numbered; null for none
batcher_actor spawn_batcher(caf::actor_system& system, const configuration& config,
                            agent_identity identity, spool_actor spool, console_actor watcher,
                            std::shared_ptr<std::atomic<double>> backlog = nullptr,
                            newest_sample* newest = nullptr);

inline constexpr std::size_t max_pending = 256;

}  // namespace reflector
