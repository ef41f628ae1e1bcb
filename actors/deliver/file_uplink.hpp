#pragma once

#include "config/endpoint_config.hpp"
#include "messages/interfaces.hpp"

#include <cstdint>

#include <caf/fwd.hpp>

namespace reflector {

class status_board;

struct file_uplink_settings {
  endpoint_config endpoint;
  std::uint64_t stride = 1;  ///< see thinning.hpp
  std::uint64_t random_seed = 0;
  status_board* board = nullptr;  ///< null: nobody wants to know
};

/// Delivers to a file of JSON Lines; a batch is acknowledged when it has been written.
/// @param own_thread disks may take their time
uplink_actor spawn_file_uplink(caf::actor_system& system, file_uplink_settings settings,
                               spool_actor spool, bool own_thread);

}  // namespace reflector
