#pragma once

#include "actors/supervise/child_spec.hpp"
#include "actors/supervise/degradation.hpp"
#include "config/collectors_config.hpp"
#include "config/endpoint_config.hpp"
#include "config/limits_config.hpp"
#include "messages/interfaces.hpp"

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include <caf/fwd.hpp>

namespace reflector {

class status_board;

struct supervisor_settings {
  std::chrono::milliseconds interval{5000};  ///< between ticks
  std::chrono::milliseconds reading_deadline{
      2000};  ///< from a tick to the moment its sample closes
  limits_config limits;
  std::map<std::string, endpoint_limits> endpoints;  ///< by name; in addition to `limits`
  std::set<std::string> command_queues;              ///< names, as they are on the board
  std::chrono::milliseconds stop_deadline{4500};     ///< for all children together
  std::chrono::milliseconds heartbeat_interval{10'000};
  /// Children that hung and were let go, but whose threads have not come back: with so many, the
  /// agent ends for a clean start.
  std::size_t max_abandoned = 8;
  std::function<wall_time()> wall_now;
  status_board* board = nullptr;       ///< null: nobody is told
  collectors_config collectors{};      ///< their intervals
  std::function<own_usage()> usage{};  ///< what the agent costs; null: never beyond its budget
  std::function<double()> backlog{};   ///< as a share of [spool] max_bytes; null: none
  std::uint64_t random_seed = 0;       ///< of the restarts' jitter
  /// Called once, at the very end: true when it was told to stop, false when a child failed beyond
  /// its limits.
  std::function<void(bool in_order)> on_end;
};

/// Starts the children in order, issues ticks and permits, restarts what fails or hangs, and stops
/// all in reverse order.
supervisor_actor spawn_supervisor(caf::actor_system& system, supervision_plan plan,
                                  supervisor_settings settings);

/// What a supervisor is to go on with. Of the settings, interval, reading_deadline, limits,
/// endpoints and command_queues count.
struct changed_plan {
  supervision_plan plan;
  supervisor_settings settings;
};

/// Changes those children that differ (reload_plan.hpp), and no others; ticks go on.
void reload(const supervisor_actor& supervisor, std::shared_ptr<const changed_plan> next);

/// A changed configuration could not be used; for the status.
void reload_failed(const supervisor_actor& supervisor, std::string why);

}  // namespace reflector
