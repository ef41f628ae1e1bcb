#pragma once

#include "actors/deliver/spool.hpp"
#include "messages/fault.hpp"
#include "messages/interfaces.hpp"

#include <functional>
#include <memory>

#include <caf/fwd.hpp>

namespace reflector {

class status_board;

/// Opens the spool, on the actor's own thread; called again every second while it fails. Until then
/// no question is answered, so the batcher holds its newest samples.
using open_spool = std::function<result<std::unique_ptr<spool>>()>;

/// @param own_thread the spool writes to a disk, which may take its time
/// @param board null: nobody wants to know
spool_actor spawn_spool(caf::actor_system& system, open_spool open, bool own_thread,
                        status_board* board = nullptr);

}  // namespace reflector
