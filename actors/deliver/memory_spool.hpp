#pragma once

#include "actors/deliver/record_queue.hpp"
#include "messages/fault.hpp"
#include "messages/interfaces.hpp"

#include <functional>

#include <caf/fwd.hpp>

namespace reflector {

/// What the spool needs of the disk.
struct spool_store {
  /// Called before a commit is answered, with its last sequence number.
  std::function<result<void>(std::uint64_t last)> remember_sequence;
  /// Called when the spool ends, with everything that still waits; and, without records, as soon as
  /// those that it began with have reached every endpoint.
  std::function<result<void>(const record_queue&)> keep;
};

/// The spool that holds its records in memory, bounded, and hands them to `store` when it ends for
/// whatever reason.
/// @param own_thread the store writes to a disk, which may take its time
spool_actor spawn_memory_spool(caf::actor_system& system, record_queue queue, spool_store store,
                               bool own_thread);

}  // namespace reflector
