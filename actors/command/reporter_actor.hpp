#pragma once

#include "actors/command/command_queue.hpp"
#include "actors/net/http_client.hpp"
#include "messages/interfaces.hpp"

#include <cstddef>
#include <functional>
#include <memory>

#include <caf/fwd.hpp>

namespace reflector {

/// Results in hand; more than the poller and the executor together can have open. One past it is
/// given up.
inline constexpr std::size_t max_open_reports = 256;

struct reporter_dependencies {
  http_client& http;  ///< must outlive the actor, and be destroyed before the actor system
  supervisor_actor supervisor;  ///< grants a budget::request permit for each attempt
  std::shared_ptr<const command_queue> queue;
  std::function<double()> random01;  ///< in [0, 1), for the jitter
  /// What a Retry-After with a date is held against where the answer has no date of its own.
  std::function<wall_time()> wall_now = [] { return std::chrono::system_clock::now(); };
};

/// Sends each result until the queue has taken it or has said that it never will, the same bytes
/// every time. On stop: tries once more at once what was waiting to be retried, and ends when
/// nothing is open, or after 250 ms.
reporter_actor spawn_reporter(caf::actor_system& system, reporter_dependencies dependencies);

}  // namespace reflector
