#pragma once

#include "actors/supervise/child_spec.hpp"
#include "actors/supervise/degradation.hpp"
#include "config/collectors_config.hpp"
#include "config/endpoint_config.hpp"
#include "config/limits_config.hpp"
#include "messages/interfaces.hpp"

#include <functional>
#include <map>
#include <string>
#include <vector>

#include <caf/fwd.hpp>

namespace reflector {

struct supervisor_settings {
  std::chrono::milliseconds interval{5000};  ///< between ticks
  std::chrono::milliseconds reading_deadline{
      2000};  ///< from a tick to the moment its sample closes
  limits_config limits;
  std::map<std::string, endpoint_limits> endpoints;  ///< by name; in addition to `limits`
  std::chrono::milliseconds stop_deadline{4500};     ///< for all children together
  std::function<wall_time()> wall_now;
  collectors_config collectors{};      ///< their intervals
  std::function<own_usage()> usage{};  ///< what the agent costs; null: never beyond its budget
  std::function<double()> backlog{};   ///< as a share of [spool] max_bytes; null: none
  std::uint64_t random_seed = 0;       ///< of the restarts' jitter
  /// Called once, at the very end: true when it was told to stop, false when a child failed beyond
  /// its limits.
  std::function<void(bool in_order)> on_end;
};

/// Starts the children in order, issues ticks and permits, restarts what fails, and stops all in
/// reverse order.
supervisor_actor spawn_supervisor(caf::actor_system& system, std::vector<child_spec> children,
                                  supervisor_settings settings);

}  // namespace reflector
