#pragma once

#include "actors/supervise/restart_policy.hpp"
#include "messages/interfaces.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include <caf/fwd.hpp>

namespace reflector {

/// What is restarted together with a child that failed.
enum class restart_strategy {
  one_for_one,   ///< the child alone
  rest_for_one,  ///< and those of its group that were started after it, since they hold its handle
};

/// What happens when a child fails more often than its limits allow.
enum class exhausted {
  escalate,    ///< the agent stops in order and exits with 1, for whatever started it to start it
               ///< again
  quarantine,  ///< it stays down for `quarantine_time`, then is tried anew; the others go on
};

struct started_child {
  child_actor handle;
  ticked_actor ticked;  ///< the same actor where ticks go to it, else null
  /// The ticks that go to it are this collector's; nothing: all.
  std::optional<collector_id> collects{};
};

/// One child of the supervisor, as data. A list of these in starting order is the whole agent
/// (agent.cpp).
struct child_spec {
  std::string name;   ///< unique; what log lines call it
  std::string group;  ///< the reach of rest_for_one
  std::function<started_child(caf::actor_system&, const supervisor_actor&)> start;
  restart_strategy strategy = restart_strategy::one_for_one;
  restart_limits limits = {};
  exhausted when_exhausted = exhausted::escalate;
  /// From the stop message to being ended without more ado. Neighbours with the same `stop_stage`
  /// stop together.
  std::chrono::milliseconds stop_deadline{500};
  std::string stop_stage = {};
};

inline constexpr std::chrono::minutes quarantine_time{5};

}  // namespace reflector
