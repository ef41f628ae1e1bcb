#pragma once

#include "actors/net/http_client.hpp"
#include "actors/net/live_headers.hpp"
#include "actors/supervise/poison_watch.hpp"
#include "config/endpoint_config.hpp"
#include "messages/interfaces.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <caf/fwd.hpp>

namespace reflector {

class status_board;

/// A server that batches may go to.
struct uplink_member {
  endpoint_config endpoint;
  live_headers headers;                   ///< credentials among them
  std::shared_ptr<const http_peer> peer;  ///< null: all defaults
};

struct http_uplink_settings {
  std::string name;  ///< the cursor's: of the endpoint, or of the group
  /// At least one, the best one first; several are a group's (member_choice.hpp).
  std::vector<uplink_member> members = std::vector<uplink_member>(1);
  std::string kind;                           ///< for people: the endpoint's, or the group's mode
  std::chrono::milliseconds return_after{0};  ///< of a group
  std::uint64_t stride = 1;                   ///< see thinning.hpp
  std::string agent_id;
  std::function<wall_time()> wall_now;  ///< for dates in Retry-After that come without a Date
  std::uint64_t random_seed = 0;
  status_board* board = nullptr;  ///< null: nobody wants to know
  /// Batches that ended it every time: sent one sample at a time, and the one that does it again is
  /// set aside.
  std::deque<poison> poisons{};
};

/// Delivers to an endpoint, or to one of a group's at a time, over HTTP, in the words of its kind:
/// one batch at a time, oldest first, as delivery_plan decides. Asks the supervisor for a permit
/// before each request.
uplink_actor spawn_http_uplink(caf::actor_system& system, http_uplink_settings settings,
                               spool_actor spool, http_client& http, supervisor_actor supervisor);

}  // namespace reflector
