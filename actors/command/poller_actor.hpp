#pragma once

#include "actors/command/command_queue.hpp"
#include "actors/net/http_client.hpp"
#include "messages/interfaces.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include <caf/fwd.hpp>

namespace reflector {

class status_board;

struct poller_dependencies {
  http_client& http;  ///< must outlive the actor, and be destroyed before the actor system
  supervisor_actor supervisor;  ///< grants a budget::request permit for each poll
  executor_actor executor;      ///< gets the commands, and the entries that are none
  std::shared_ptr<const command_queue> queue;
  std::chrono::milliseconds poll{15'000};
  std::function<double()> random01;  ///< in [0, 1), for the jitter
  /// What a Retry-After with a date is held against where the answer has no date of its own.
  std::function<wall_time()> wall_now = [] { return std::chrono::system_clock::now(); };
  status_board* board = nullptr;  ///< null: nobody is told
  std::string name = {};          ///< for the board: the queue's, as in the journal
};

/// On stop: waits up to 0.6 s for the answer to an open poll, as the queue will not give its
/// commands a second time, hands them to the executor, and ends.
poller_actor spawn_poller(caf::actor_system& system, poller_dependencies dependencies);

}  // namespace reflector
