#include "actors/agent.hpp"

#include "actors/collect/collector_actor.hpp"
#include "actors/collect/registry.hpp"
#include "actors/command/executor_actor.hpp"
#include "actors/command/poller_actor.hpp"
#include "actors/command/reporter_actor.hpp"
#include "actors/deliver/batcher.hpp"
#include "actors/deliver/ego_uplink.hpp"
#include "actors/deliver/file_uplink.hpp"
#include "actors/observe/console.hpp"
#include "actors/supervise/supervisor.hpp"

#include <algorithm>
#include <atomic>
#include <memory>
#include <random>

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>

namespace reflector {
namespace {

using namespace std::chrono_literals;

/// Handles of actors that others are started with. A factory puts its own in and takes those it
/// needs out; the supervisor's restart strategies see to it that no child lives on with a handle
/// that has been replaced.
struct roster {
  spool_actor spool;
  console_actor console;
  batcher_actor batcher;
  struct queue {
    reporter_actor reporter;
    executor_actor executor;
  };
  std::vector<queue> queues;
};

std::chrono::milliseconds reading_deadline(const configuration& config) {
  std::chrono::milliseconds longest{0};
  for (const auto& each : config.collectors.each)
    if (each.enabled) longest = std::max(longest, each.timeout);
  return std::min(longest, config.agent.interval * 4 / 5);
}

/// Builds the list; a member function a kind of child. The stop deadlines add up to less than the
/// supervisor's for all of them, so that the spool, which stops last, has its time even when
/// headquarters answers nothing.
class planner {
 public:
  planner(const configuration& config, const agent_identity& identity, const access_list& access,
          const world& outside, std::shared_ptr<std::atomic<double>> backlog)
      : config_(config),
        identity_(identity),
        access_(access),
        outside_(outside),
        backlog_(std::move(backlog)) {
    handles_->queues.resize(config.commands.size());
  }

  std::vector<child_spec> plan() {
    spool();
    for (std::size_t i = 0; i < config_.endpoints.size(); ++i) uplink(i);
    if (outside_.console >= 0) console();
    batcher();
    for (const auto& row : collector_registry())
      if (config_.collectors.of(row.id).enabled) collector(row);
    for (std::size_t i = 0; i < config_.commands.size(); ++i) {
      reporter(i);
      executor(i);
      poller(i);
    }
    return std::move(plan_);
  }

 private:
  static started_child plain(child_actor handle) { return {std::move(handle), {}}; }

  template <class Ticked>
  static started_child with_ticks(const Ticked& handle, std::optional<collector_id> of = {}) {
    return {caf::actor_cast<child_actor>(handle), caf::actor_cast<ticked_actor>(handle), of};
  }

  void spool() {
    child_spec spec;
    spec.name = "spool";
    spec.group = "samples";
    spec.strategy = restart_strategy::rest_for_one;
    spec.stop_deadline = 1500ms;
    spec.start = [handles = handles_, &outside = outside_](caf::actor_system& system,
                                                           const supervisor_actor&) {
      handles->spool = spawn_spool(system, outside.open, outside.threads);
      return plain(caf::actor_cast<child_actor>(handles->spool));
    };
    plan_.push_back(std::move(spec));
  }

  void uplink(std::size_t index) {
    const endpoint_config& endpoint = config_.endpoints[index];
    child_spec spec;
    spec.name = "endpoint " + endpoint.name;
    spec.group = "samples";
    spec.when_exhausted = exhausted::quarantine;
    spec.stop_deadline = 1000ms;
    spec.stop_stage = "endpoints";
    const std::uint64_t seed = outside_.random_seed + index;
    if (endpoint.kind == endpoint_kind::file) {
      spec.start = [handles = handles_, endpoint, seed, &outside = outside_](
                       caf::actor_system& system, const supervisor_actor&) {
        return plain(spawn_file_uplink(system, endpoint, handles->spool, seed, outside.threads));
      };
    } else {
      const server_access& access = access_.endpoints[index];
      ego_uplink_settings settings{endpoint,    identity_.id,      access.headers,
                                   access.peer, outside_.wall_now, seed};
      spec.start = [handles = handles_, settings = std::move(settings), &outside = outside_](
                       caf::actor_system& system, const supervisor_actor& supervisor) {
        return plain(spawn_ego_uplink(system, settings, handles->spool, outside.http, supervisor));
      };
    }
    plan_.push_back(std::move(spec));
  }

  void console() {
    child_spec spec;
    spec.name = "console";
    spec.group = "samples";
    spec.strategy = restart_strategy::rest_for_one;
    spec.start = [handles = handles_, &outside = outside_](caf::actor_system& system,
                                                           const supervisor_actor&) {
      handles->console = spawn_console(system, outside.console);
      return plain(caf::actor_cast<child_actor>(handles->console));
    };
    plan_.push_back(std::move(spec));
  }

  void batcher() {
    child_spec spec;
    spec.name = "batcher";
    spec.group = "samples";
    spec.strategy = restart_strategy::rest_for_one;
    spec.start = [handles = handles_, config = config_, identity = identity_, backlog = backlog_](
                     caf::actor_system& system, const supervisor_actor&) {
      handles->batcher =
          spawn_batcher(system, config, identity, handles->spool, handles->console, backlog);
      return with_ticks(handles->batcher);
    };
    plan_.push_back(std::move(spec));
  }

  void collector(const collector_row& row) {
    child_spec spec;
    spec.name = "collector " + std::string{name_of(row.id)};
    spec.group = "samples";
    spec.when_exhausted = exhausted::quarantine;
    spec.stop_stage = "collectors";
    spec.start = [handles = handles_, row, collectors = config_.collectors, &outside = outside_](
                     caf::actor_system& system, const supervisor_actor&) {
      return with_ticks(spawn_collector(system, row.id, row.make(outside.files, collectors),
                                        handles->batcher, outside.threads),
                        row.id);
    };
    plan_.push_back(std::move(spec));
  }

  /// A queue's three actors hold each other's handles along the flow, and no other actor's.
  child_spec of_queue(std::size_t index, const std::string& role) const {
    child_spec spec;
    spec.name = role + ' ' + std::to_string(index + 1);
    spec.group = "commands " + std::to_string(index + 1);
    spec.strategy = restart_strategy::rest_for_one;
    spec.when_exhausted = exhausted::quarantine;
    return spec;
  }

  void reporter(std::size_t index) {
    child_spec spec = of_queue(index, "reporter");
    spec.stop_deadline = 300ms;
    spec.start = [handles = handles_, index, queue = queue_at(index), random = jitter(index),
                  &outside = outside_](caf::actor_system& system,
                                       const supervisor_actor& supervisor) {
      auto& mine = handles->queues[index].reporter;
      mine = spawn_reporter(system, {outside.http, supervisor, queue, random, outside.wall_now});
      return plain(caf::actor_cast<child_actor>(mine));
    };
    plan_.push_back(std::move(spec));
  }

  void executor(std::size_t index) {
    child_spec spec = of_queue(index, "executor");
    spec.stop_deadline = 1500ms;
    spec.start = [handles = handles_, index, queue = config_.commands[index], &outside = outside_](
                     caf::actor_system& system, const supervisor_actor& supervisor) {
      auto& mine = handles->queues[index];
      mine.executor =
          spawn_executor(system, {outside.launcher, supervisor, mine.reporter, queue.policy,
                                  queue.timeout, queue.max_output_bytes, queue.concurrent});
      return plain(caf::actor_cast<child_actor>(mine.executor));
    };
    plan_.push_back(std::move(spec));
  }

  void poller(std::size_t index) {
    child_spec spec = of_queue(index, "poller");
    spec.stop_deadline = 700ms;
    spec.start = [handles = handles_, index, queue = queue_at(index),
                  poll = config_.commands[index].poll, random = jitter(index), &outside = outside_](
                     caf::actor_system& system, const supervisor_actor& supervisor) {
      const auto& mine = handles->queues[index];
      return plain(spawn_poller(system, {outside.http, supervisor, mine.executor, mine.reporter,
                                         queue, poll, random, outside.wall_now}));
    };
    plan_.push_back(std::move(spec));
  }

  std::shared_ptr<const command_queue> queue_at(std::size_t index) const {
    const commands_config& config = config_.commands[index];
    const server_access& access = access_.commands[index];
    return std::make_shared<const command_queue>(
        command_queue{config.url, config_.agent.hostname, access.headers, access.peer,
                      config.request_timeout, config.retry});
  }

  std::function<double()> jitter(std::size_t index) const {
    return [random = std::mt19937_64{outside_.random_seed + index}]() mutable {
      return std::uniform_real_distribution<double>{0, 1}(random);
    };
  }

  const configuration& config_;
  const agent_identity& identity_;
  const access_list& access_;
  const world& outside_;
  std::shared_ptr<roster> handles_ = std::make_shared<roster>();
  std::vector<child_spec> plan_;
  std::shared_ptr<std::atomic<double>> backlog_;
};

}  // namespace

result<access_list> read_access(const configuration& config) {
  access_list list;
  for (const auto& endpoint : config.endpoints) {
    auto access = read_server_access(endpoint.credentials);
    if (!access) return in_context("endpoint " + endpoint.name, access.error());
    list.endpoints.push_back(std::move(*access));
  }
  for (const auto& queue : config.commands) {
    auto access = read_server_access(queue.credentials);
    if (!access) return in_context("commands " + queue.url, access.error());
    list.commands.push_back(std::move(*access));
  }
  return list;
}

std::vector<child_spec> agent_children(const configuration& config, const agent_identity& identity,
                                       const access_list& access, const world& outside,
                                       std::shared_ptr<std::atomic<double>> backlog) {
  return planner{config, identity, access, outside, std::move(backlog)}.plan();
}

supervisor_actor start_agent(caf::actor_system& system, const configuration& config,
                             const agent_identity& identity, const access_list& access,
                             const world& outside, std::function<void(bool)> on_end) {
  supervisor_settings settings;
  settings.interval = config.agent.interval;
  settings.reading_deadline = reading_deadline(config);
  settings.limits = config.limits;
  for (const auto& endpoint : config.endpoints)
    settings.endpoints.emplace(endpoint.name, endpoint.limits);
  settings.wall_now = outside.wall_now;
  settings.random_seed = outside.random_seed;
  settings.on_end = std::move(on_end);
  settings.collectors = config.collectors;
  settings.usage = outside.usage;
  const auto backlog = std::make_shared<std::atomic<double>>(0);
  settings.backlog = [backlog] { return backlog->load(std::memory_order_relaxed); };
  return spawn_supervisor(system, agent_children(config, identity, access, outside, backlog),
                          std::move(settings));
}

}  // namespace reflector
