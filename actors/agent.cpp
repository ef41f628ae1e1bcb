#include "actors/agent.hpp"

#include "actors/collect/collector_actor.hpp"
#include "actors/collect/registry.hpp"
#include "actors/command/executor_actor.hpp"
#include "actors/command/journal_actor.hpp"
#include "actors/command/poller_actor.hpp"
#include "actors/command/reporter_actor.hpp"
#include "actors/deliver/batcher.hpp"
#include "actors/deliver/file_uplink.hpp"
#include "actors/deliver/http_uplink.hpp"
#include "actors/deliver/member_choice.hpp"
#include "actors/deliver/spool_endpoint.hpp"
#include "actors/deliver/thinning.hpp"
#include "actors/observe/console.hpp"
#include "actors/observe/status_board.hpp"
#include "actors/supervise/supervisor.hpp"
#include "config/endpoint_schema.hpp"
#include "config/render_toml.hpp"

#include <algorithm>
#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <unistd.h>

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/send.hpp>

namespace reflector {
namespace {

using namespace std::chrono_literals;

std::chrono::milliseconds reading_deadline(const configuration& config) {
  std::chrono::milliseconds longest{0};
  for (const auto& each : config.collectors.each)
    if (each.enabled) longest = std::max(longest, each.timeout);
  return std::min(longest, config.agent.interval * 4 / 5);
}

/// What the configuration says about one child, and nothing about others: a configuration with but
/// that in it, as text.
std::string said_of(const configuration& only) {
  return render_toml(only);
}

std::string said_of(const collectors_config& all, collector_id id) {
  configuration only;
  only.collectors.of(id) = all.of(id);
  only.collectors.of(id).timeout = {};   // the batcher's business
  only.collectors.of(id).interval = {};  // the supervisor's
  only.collectors.of(id).enabled = true;
  if (id == collector_id::processes) only.collectors.top_processes = all.top_processes;
  return said_of(only);
}

supervisor_settings settings_for(const configuration& config, const world& outside) {
  supervisor_settings settings;
  settings.interval = config.agent.interval;
  settings.reading_deadline = reading_deadline(config);
  settings.limits = config.limits;
  for (const auto& endpoint : config.endpoints)
    settings.endpoints.emplace(endpoint.name, endpoint.limits);
  for (const auto& queue : config.commands) settings.command_queues.insert(queue.queue_name());
  settings.wall_now = outside.wall_now;
  settings.random_seed = outside.random_seed;
  settings.board = outside.board;
  settings.collectors = config.collectors;
  settings.usage = outside.usage;
  return settings;
}

/// Places in the configuration of a group's members, the best one first.
std::vector<std::size_t> members_in_order(const configuration& config, const group_config& group) {
  std::vector<std::size_t> places;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < config.endpoints.size(); ++i) {
    if (config.endpoints[i].group != group.name) continue;
    places.push_back(i);
    names.push_back(config.endpoints[i].name);
  }
  if (group.mode == group_mode::failover) return places;
  std::vector<std::size_t> ordered;
  for (const std::size_t i : rendezvous_order(config.agent.hostname, names))
    ordered.push_back(places[i]);
  return ordered;
}

}  // namespace

/// Handles of actors that others are started with. A factory puts its own in and takes those it
/// needs out; the supervision tree sees to it that no child lives on with a handle that has been
/// replaced.
struct agent::roster {
  spool_actor spool;
  console_actor console;
  batcher_actor batcher;
  journal_actor journal;
  struct queue {
    reporter_actor reporter;
    executor_actor executor;
  };
  std::map<std::size_t, queue> queues;  ///< by place in the configuration
};

/// Builds the list; a member function a kind of child. The stop deadlines add up to less than the
/// supervisor's for all of them, so that the spool, which stops last, has its time even when
/// headquarters answers nothing.
///
/// The tree: the samples' actors are a chain, since each holds handles of those before it; in it
/// the endpoints, and the collectors, are no matter to each other. Beside them the commands: their
/// journal, and after it the queues, which are no matter to each other either.
class agent::planner {
 public:
  planner(const configuration& config, const agent_identity& identity, const access_list& access,
          const world& outside, std::shared_ptr<roster> handles,
          std::shared_ptr<std::atomic<double>> backlog)
      : config_(config),
        identity_(identity),
        access_(access),
        outside_(outside),
        handles_(std::move(handles)),
        backlog_(std::move(backlog)) {}

  supervision_plan plan() {
    // Twice in two minutes: a third time nothing is left of it but to start the process anew.
    group({samples, "", group_strategy::rest_for_one, {2, 2min}});
    group({endpoints, samples, group_strategy::one_for_one});
    group({collectors, samples, group_strategy::one_for_one});
    spool();
    for (std::size_t i = 0; i < config_.endpoints.size(); ++i)
      if (config_.endpoints[i].kind == endpoint_kind::file)
        file_uplink(config_.endpoints[i]);
      else if (config_.endpoints[i].group.empty())
        http_uplink(i);
    for (const auto& each : config_.groups) group_uplink(each);
    if (outside_.console >= 0) console();
    batcher();
    for (const auto& row : collector_registry())
      if (config_.collectors.of(row.id).enabled) collector(row);
    if (!config_.commands.empty()) journal();
    for (std::size_t i = 0; i < config_.commands.size(); ++i) {
      reporter(i);
      executor(i);
      poller(i);
    }
    return std::move(plan_);
  }

 private:
  static constexpr const char* samples = "samples";
  static constexpr const char* endpoints = "endpoints";
  static constexpr const char* collectors = "collectors";
  static constexpr const char* commands = "commands";
  static constexpr const char* queues = "queues";

  void group(group_spec spec) { plan_.groups.push_back(std::move(spec)); }

  static started_child plain(child_actor handle) { return {std::move(handle), {}}; }

  template <class Ticked>
  static started_child with_ticks(const Ticked& handle, std::optional<collector_id> of = {}) {
    return {caf::actor_cast<child_actor>(handle), caf::actor_cast<ticked_actor>(handle), of};
  }

  void spool() {
    child_spec spec;
    spec.name = "spool";
    spec.group = samples;
    spec.stop_deadline = 1500ms;
    // A disk may take its time (a thaw, a file server's return), and another spool would wait for
    // the same disk and the files that this one holds.
    spec.heartbeat_deadline = 30s;
    spec.replace_when_hung = false;
    configuration only;
    only.spool = config_.spool;
    for (const auto& each : endpoints_of(config_)) {
      only.endpoints.emplace_back().name = each.name;
      only.endpoints.back().backfill = each.backfill;
    }
    spec.configured = said_of(only);
    const auto config = std::make_shared<const configuration>(config_);
    spec.reconfigure = told(config, &roster::spool);
    spec.start = [handles = handles_, config, &outside = outside_](const child_start& with) {
      handles->spool = spawn_spool(
          with.system, [&outside, config] { return outside.open(*config); }, outside.threads,
          outside.board);
      return plain(caf::actor_cast<child_actor>(handles->spool));
    };
    plan_.children.push_back(std::move(spec));
  }

  /// For a child that takes a changed configuration as a message.
  template <class Handle>
  std::function<void(const child_actor&)> told(configuration_ptr config,
                                               Handle roster::*child) const {
    return [config = std::move(config), child, handles = handles_](const child_actor&) {
      caf::anon_send((*handles).*child, config);
    };
  }

  /// What endpoints and groups have in common.
  child_spec of_endpoint(const std::string& name) const {
    child_spec spec;
    spec.name = "endpoint " + name;
    spec.group = endpoints;
    spec.when_exhausted = exhausted::quarantine;
    spec.stop_deadline = 1000ms;
    spec.stop_stage = "endpoints";
    return spec;
  }

  std::uint64_t seed_of(const std::string& name) const {
    return outside_.random_seed + std::hash<std::string>{}(name) % 1'000'000;
  }

  std::uint64_t stride_of(std::optional<std::chrono::milliseconds> every) const {
    return reflector::stride_of(every, config_.agent.interval);
  }

  /// Which samples are left of a thinned stream follows from the agent's interval too.
  static std::string said_of_thinned(const configuration& only, std::uint64_t stride) {
    return said_of(only) + "stride " + std::to_string(stride);
  }

  void file_uplink(const endpoint_config& endpoint) {
    child_spec spec = of_endpoint(endpoint.name);
    configuration only;
    only.endpoints = {endpoint};
    const file_uplink_settings settings{endpoint, stride_of(endpoint.every), seed_of(endpoint.name),
                                        outside_.board};
    spec.configured = said_of_thinned(only, settings.stride);
    spec.heartbeat_deadline = 30s;  // as for the spool
    spec.replace_when_hung = false;
    spec.start = [handles = handles_, settings, &outside = outside_](const child_start& with) {
      return plain(spawn_file_uplink(with.system, settings, handles->spool, outside.threads));
    };
    plan_.children.push_back(std::move(spec));
  }

  uplink_member member_at(std::size_t index) const {
    const server_access& access = access_.endpoints[index];
    return {config_.endpoints[index], access.headers, access.peer};
  }

  void http_uplink(std::size_t index) {
    const endpoint_config& endpoint = config_.endpoints[index];
    http_uplink_settings settings;
    settings.name = endpoint.name;
    settings.kind = word_of(endpoint.kind);
    settings.stride = stride_of(endpoint.every);
    settings.members = {member_at(index)};
    configuration only;
    only.endpoints = {endpoint};
    add(std::move(settings), std::move(only));
  }

  void group_uplink(const group_config& group) {
    http_uplink_settings settings;
    settings.name = group.name;
    settings.kind = word_of(group.mode);
    settings.return_after = group.return_after;
    settings.stride = stride_of(group.every);
    settings.members.clear();
    configuration only;
    only.groups = {group};
    for (const std::size_t index : members_in_order(config_, group)) {
      settings.members.push_back(member_at(index));
      only.endpoints.push_back(config_.endpoints[index]);
    }
    add(std::move(settings), std::move(only));
  }

  void add(http_uplink_settings settings, configuration only) {
    for (auto& each : only.endpoints) each.limits = {};  // the supervisor's business
    child_spec spec = of_endpoint(settings.name);
    spec.configured = said_of_thinned(only, settings.stride);
    settings.agent_id = identity_.id;
    settings.wall_now = outside_.wall_now;
    settings.random_seed = seed_of(settings.name);
    settings.board = outside_.board;
    spec.start = [handles = handles_, settings = std::move(settings),
                  &outside = outside_](const child_start& with) {
      auto own = settings;
      own.poisons = with.poisons;
      return plain(spawn_http_uplink(with.system, std::move(own), handles->spool, outside.http,
                                     with.supervisor));
    };
    plan_.children.push_back(std::move(spec));
  }

  void console() {
    child_spec spec;
    spec.name = "console";
    spec.group = samples;
    spec.start = [handles = handles_, &outside = outside_](const child_start& with) {
      handles->console = spawn_console(with.system, outside.console);
      return plain(caf::actor_cast<child_actor>(handles->console));
    };
    plan_.children.push_back(std::move(spec));
  }

  void batcher() {
    child_spec spec;
    spec.name = "batcher";
    spec.group = samples;
    configuration only;
    only.agent = config_.agent;
    only.collectors = config_.collectors;
    spec.configured = said_of(only);
    const auto config = std::make_shared<const configuration>(config_);
    spec.reconfigure = told(config, &roster::batcher);
    spec.start = [handles = handles_, config, identity = identity_, backlog = backlog_,
                  newest = outside_.newest](const child_start& with) {
      handles->batcher = spawn_batcher(with.system, *config, identity, handles->spool,
                                       handles->console, backlog, newest);
      return with_ticks(handles->batcher);
    };
    plan_.children.push_back(std::move(spec));
  }

  void collector(const collector_row& row) {
    child_spec spec;
    spec.name = "collector " + std::string{name_of(row.id)};
    spec.group = collectors;
    spec.when_exhausted = exhausted::quarantine;
    spec.stop_stage = "collectors";
    spec.configured = said_of(config_.collectors, row.id);
    spec.start = [handles = handles_, row, config = config_.collectors,
                  &outside = outside_](const child_start& with) {
      return with_ticks(
          spawn_collector(with.system, row.id, row.make(outside.files, config, outside.slow),
                          handles->batcher),
          row.id);
    };
    plan_.children.push_back(std::move(spec));
  }

  /// Without it nothing is run, but all else goes on.
  void journal() {
    group({commands, "", group_strategy::rest_for_one, {}, exhausted::quarantine});
    group({queues, commands, group_strategy::one_for_one});
    child_spec spec;
    spec.name = "journal";
    spec.group = commands;
    spec.when_exhausted = exhausted::quarantine;
    spec.heartbeat_deadline = 30s;  // as for the spool
    spec.replace_when_hung = false;
    spec.start = [handles = handles_, boot_id = identity_.boot_id,
                  &outside = outside_](const child_start& with) {
      handles->journal = spawn_journal(
          with.system, {outside.open_journal, outside.open_audit(), outside.launcher, boot_id},
          outside.threads);
      return plain(caf::actor_cast<child_actor>(handles->journal));
    };
    plan_.children.push_back(std::move(spec));
  }

  /// A queue's three actors hold each other's handles along the flow, and the journal's.
  child_spec of_queue(std::size_t index, const std::string& role) const {
    child_spec spec;
    spec.name = role + ' ' + std::to_string(index + 1);
    spec.group = "commands " + std::to_string(index + 1);
    spec.when_exhausted = exhausted::quarantine;
    return spec;
  }

  /// What of the configuration is about reaching a queue.
  configuration reaching(std::size_t index) const {
    const commands_config& all = config_.commands[index];
    configuration only;
    only.agent.hostname = config_.agent.hostname;
    commands_config& queue = only.commands.emplace_back();
    queue.url = all.url;
    queue.request_timeout = all.request_timeout;
    queue.retry = all.retry;
    queue.credentials = all.credentials;
    return only;
  }

  void reporter(std::size_t index) {
    group({"commands " + std::to_string(index + 1), queues, group_strategy::rest_for_one});
    child_spec spec = of_queue(index, "reporter");
    spec.stop_deadline = 300ms;
    spec.configured = said_of(reaching(index));
    spec.start = [handles = handles_, index, queue = queue_at(index), random = jitter(index),
                  &outside = outside_](const child_start& with) {
      auto& mine = handles->queues[index].reporter;
      mine = spawn_reporter(with.system,
                            {outside.http, with.supervisor, queue, random, outside.wall_now});
      return plain(caf::actor_cast<child_actor>(mine));
    };
    plan_.children.push_back(std::move(spec));
  }

  void executor(std::size_t index) {
    child_spec spec = of_queue(index, "executor");
    spec.stop_deadline = 1500ms;
    const commands_config& queue = config_.commands[index];
    const auto gate = access_.gates[index];
    spec.configured =
        queue.queue_name() + '\n' + std::to_string(queue.concurrent) + '\n' + gate->fingerprint();
    spec.start = [handles = handles_, index, gate, name = queue.queue_name(),
                  concurrent = queue.concurrent, policy = std::string{word_of(queue.policy)},
                  &outside = outside_](const child_start& with) {
      auto& mine = handles->queues[index];
      mine.executor = spawn_executor(
          with.system, {outside.launcher, with.supervisor, handles->journal, mine.reporter, gate,
                        name, concurrent, outside.wall_now, outside.board, policy});
      return plain(caf::actor_cast<child_actor>(mine.executor));
    };
    plan_.children.push_back(std::move(spec));
  }

  void poller(std::size_t index) {
    child_spec spec = of_queue(index, "poller");
    spec.stop_deadline = 700ms;
    configuration only = reaching(index);
    only.commands.front().poll = config_.commands[index].poll;
    spec.configured = said_of(only);
    spec.start = [handles = handles_, index, queue = queue_at(index),
                  poll = config_.commands[index].poll, name = config_.commands[index].queue_name(),
                  random = jitter(index), &outside = outside_](const child_start& with) {
      const auto& mine = handles->queues[index];
      return plain(
          spawn_poller(with.system, {outside.http, with.supervisor, mine.executor, queue, poll,
                                     random, outside.wall_now, outside.board, name}));
    };
    plan_.children.push_back(std::move(spec));
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
  std::shared_ptr<roster> handles_;
  std::shared_ptr<std::atomic<double>> backlog_;
  supervision_plan plan_;
};

namespace {

std::vector<std::string> own_environment() {
  std::vector<std::string> all;
  for (char** each = environ; each != nullptr && *each != nullptr; ++each) all.emplace_back(*each);
  return all;
}

}  // namespace

result<access_list> read_access(const configuration& config) {
  access_list list;
  for (const auto& endpoint : config.endpoints) {
    auto access = read_server_access(endpoint.credentials, endpoint.headers);
    if (!access) return in_context("endpoint " + endpoint.name, access.error());
    list.endpoints.push_back(std::move(*access));
  }
  for (const auto& queue : config.commands) {
    auto access = read_server_access(queue.credentials);
    if (!access) return in_context("commands " + queue.url, access.error());
    list.commands.push_back(std::move(*access));
    auto gate = command_gate::make(queue, config.agent.hostname, own_environment());
    if (!gate) return in_context("commands " + queue.queue_name(), gate.error());
    list.gates.push_back(std::move(*gate));
  }
  return list;
}

void carry_over(const configuration& before, const access_list& known, const configuration& after,
                access_list& next) {
  for (std::size_t i = 0; i < after.endpoints.size(); ++i)
    for (std::size_t j = 0; j < before.endpoints.size(); ++j)
      if (after.endpoints[i].name == before.endpoints[j].name)
        carry_over(known.endpoints[j], next.endpoints[i]);
  for (std::size_t i = 0; i < std::min(after.commands.size(), before.commands.size()); ++i)
    carry_over(known.commands[i], next.commands[i]);
}

std::vector<watched_credentials> credentials_to_watch(const configuration& config,
                                                      const access_list& access) {
  std::vector<watched_credentials> all;
  for (std::size_t i = 0; i < config.endpoints.size(); ++i)
    all.push_back({"endpoint " + config.endpoints[i].name, config.endpoints[i].credentials,
                   access.endpoints[i].headers, access.endpoints[i].peer->renewed,
                   config.endpoints[i].headers});
  for (std::size_t i = 0; i < config.commands.size(); ++i)
    all.push_back({"commands " + config.commands[i].url, config.commands[i].credentials,
                   access.commands[i].headers, access.commands[i].peer->renewed});
  return all;
}

agent::agent(caf::actor_system& system, agent_identity identity, const world& outside)
    : system_(system),
      identity_(std::move(identity)),
      outside_(outside),
      handles_(std::make_shared<roster>()),
      backlog_(std::make_shared<std::atomic<double>>(0)) {}

agent::~agent() {
  // Factories that are still on their way hold it, and handles keep actors.
  *handles_ = {};
}

supervision_plan agent::plan(const configuration& config, const access_list& access) const {
  return planner{config, identity_, access, outside_, handles_, backlog_}.plan();
}

supervisor_actor agent::start(const configuration& config, const access_list& access,
                              std::function<void(bool)> on_end) {
  supervisor_settings settings = settings_for(config, outside_);
  settings.backlog = [backlog = backlog_] { return backlog->load(std::memory_order_relaxed); };
  settings.on_end = std::move(on_end);
  supervisor_ = spawn_supervisor(system_, plan(config, access), std::move(settings));
  return supervisor_;
}

void agent::reload(const configuration& config, const access_list& access) {
  reflector::reload(supervisor_, std::make_shared<const changed_plan>(changed_plan{
                                     plan(config, access), settings_for(config, outside_)}));
}

}  // namespace reflector
