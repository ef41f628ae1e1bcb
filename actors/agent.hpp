#pragma once

#include "actors/collect/host_files.hpp"
#include "actors/collect/prober.hpp"
#include "actors/command/audit_log.hpp"
#include "actors/command/command_gate.hpp"
#include "actors/command/command_journal.hpp"
#include "actors/command/process_launcher.hpp"
#include "actors/deliver/spool_actor.hpp"
#include "actors/net/credential_watch.hpp"
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

class newest_sample;
class status_board;

/// The outside world, as the actors are given it; in tests, stand-ins. All of it outlives the
/// actors.
struct world {
  host_files& files;
  http_client& http;
  process_launcher& launcher;
  std::function<wall_time()> wall_now;
  std::function<result<std::unique_ptr<spool>>(const configuration&)> open;
  std::uint64_t random_seed = 0;
  /// Actors that may block get threads of their own. False where time is virtual.
  bool threads = true;
  int console = -1;  ///< descriptor for a line a sample; -1: none
  /// Where the actors write down how they are; null: nowhere.
  status_board* board = nullptr;
  probers slow = {};
  /// What this process costs; null: not looked at, and never beyond its budget.
  std::function<own_usage()> usage{};
  /// Asked only where the configuration has [[commands]].
  std::function<result<std::unique_ptr<command_journal>>()> open_journal{};
  std::function<std::unique_ptr<audit_log>()> open_audit{};
  /// What each numbered sample is put into; null: nowhere.
  newest_sample* newest = nullptr;
};

struct access_list {
  std::vector<server_access> endpoints;  ///< in the order of configuration::endpoints
  std::vector<server_access> commands;   ///< in the order of configuration::commands
  std::vector<std::shared_ptr<const command_gate>> gates;  ///< likewise
};

/// Reads the secrets, rules and keys that the configuration names, which has its host name.
result<access_list> read_access(const configuration& config);

/// Children that a reload leaves alone hold the headers they were started with: those go on, with
/// the content of the next ones. Endpoints by name, queues by place.
void carry_over(const configuration& before, const access_list& known, const configuration& after,
                access_list& next);

/// The same ones, so that they follow their files (credential_watch.hpp).
std::vector<watched_credentials> credentials_to_watch(const configuration& config,
                                                      const access_list& access);

/// The wiring, over one life of the agent and all the configurations it has in it. Destroy it
/// before the actor system.
class agent {
 public:
  /// @param outside outlives it
  agent(caf::actor_system& system, agent_identity identity, const world& outside);
  ~agent();
  agent(const agent&) = delete;
  agent& operator=(const agent&) = delete;

  /// Starts the supervisor and, with it, all else. @param on_end see supervisor_settings
  supervisor_actor start(const configuration& config, const access_list& access,
                         std::function<void(bool)> on_end);

  /// Changes those actors to which this means something else than what was before.
  void reload(const configuration& config, const access_list& access);

  /// The whole agent as data: groups, and children in starting order.
  supervision_plan plan(const configuration& config, const access_list& access) const;

 private:
  struct roster;
  class planner;

  caf::actor_system& system_;
  agent_identity identity_;
  const world& outside_;
  std::shared_ptr<roster> handles_;
  std::shared_ptr<std::atomic<double>> backlog_;  ///< where the batcher says how full the spool is
  supervisor_actor supervisor_;
};

}  // namespace reflector
