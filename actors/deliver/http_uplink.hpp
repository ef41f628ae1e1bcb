#pragma once

#include "actors/net/http_client.hpp"
#include "actors/net/live_headers.hpp"
#include "actors/supervise/poison_watch.hpp"
#include "config/endpoint_config.hpp"
#include "messages/interfaces.hpp"

#include <deque>
#include <functional>
#include <memory>
#include <string>

#include <caf/fwd.hpp>

namespace reflector {

class status_board;

struct http_uplink_settings {
  endpoint_config endpoint;
  std::string agent_id;
  live_headers headers;                   ///< credentials among them
  std::shared_ptr<const http_peer> peer;  ///< null: all defaults
  std::function<wall_time()> wall_now;    ///< for dates in Retry-After that come without a Date
  std::uint64_t random_seed = 0;
  status_board* board = nullptr;  ///< null: nobody wants to know
  /// Batches that ended it every time: sent one sample at a time, and the one that does it again is
  /// set aside.
  std::deque<poison> poisons{};
};

/// Delivers to an endpoint over HTTP, in the words of its kind: one batch at a time, oldest first,
/// as delivery_plan decides. Asks the supervisor for a permit before each request.
uplink_actor spawn_http_uplink(caf::actor_system& system, http_uplink_settings settings,
                               spool_actor spool, http_client& http, supervisor_actor supervisor);

}  // namespace reflector
