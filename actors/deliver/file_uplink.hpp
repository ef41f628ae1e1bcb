#pragma once

#include "config/endpoint_config.hpp"
#include "messages/interfaces.hpp"

#include <cstdint>

#include <caf/fwd.hpp>

namespace reflector {

class status_board;

/// Delivers to a file of JSON Lines; a batch is acknowledged when it has been written.
/// @param own_thread disks may take their time
/// @param board null: nobody wants to know
uplink_actor spawn_file_uplink(caf::actor_system& system, endpoint_config endpoint,
                               spool_actor spool, std::uint64_t random_seed, bool own_thread,
                               status_board* board = nullptr);

}  // namespace reflector
