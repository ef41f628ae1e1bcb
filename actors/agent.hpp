#pragma once

#include "actors/collect/host_files.hpp"
#include "actors/command/process_launcher.hpp"
#include "actors/deliver/spool_actor.hpp"
#include "actors/net/http_client.hpp"
#include "actors/net/server_access.hpp"
#include "actors/supervise/child_spec.hpp"
#include "actors/supervise/degradation.hpp"
#include "config/configuration.hpp"
#include "messages/identity.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <caf/fwd.hpp>

namespace reflector {

/// The outside world, as the actors are given it; in tests, stand-ins. All of it outlives the
/// actors.
struct world {
  host_files& files;
  http_client& http;
  process_launcher& launcher;
  std::function<wall_time()> wall_now;
  open_spool open;
  std::uint64_t random_seed = 0;
  /// Actors that may block get threads of their own. False where time is virtual.
  bool threads = true;
  int console = -1;  ///< descriptor for a line a sample; -1: none
  /// What this process costs; null: not looked at, and never beyond its budget.
  std::function<own_usage()> usage{};
};

struct access_list {
  std::vector<server_access> endpoints;  ///< in the order of configuration::endpoints
  std::vector<server_access> commands;   ///< in the order of configuration::commands
};

/// Reads the secrets that the configuration names.
result<access_list> read_access(const configuration& config);

/// The whole agent as data: the supervisor's children in starting order.
/// @param backlog where the batcher says how full the spool is; null for none
std::vector<child_spec> agent_children(const configuration& config, const agent_identity& identity,
                                       const access_list& access, const world& outside,
                                       std::shared_ptr<std::atomic<double>> backlog = nullptr);

/// The supervisor over them. @param on_end see supervisor_settings
supervisor_actor start_agent(caf::actor_system& system, const configuration& config,
                             const agent_identity& identity, const access_list& access,
                             const world& outside, std::function<void(bool)> on_end);

}  // namespace reflector
