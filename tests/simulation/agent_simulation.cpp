#include "tests/simulation/agent_simulation.hpp"

#include "actors/agent.hpp"
#include "tests/simulation/invariants.hpp"
#include "tests/simulation/log_counts.hpp"
#include "tests/simulation/observed_spool.hpp"
#include "tests/simulation/simulated_host.hpp"
#include "tests/simulation/simulated_http.hpp"
#include "tests/simulation/simulated_journal.hpp"
#include "tests/simulation/simulated_launcher.hpp"
#include "tests/simulation/simulated_spool.hpp"
#include "tests/simulation/virtual_machine.hpp"
#include "tests/temporary_folder.hpp"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>

#include <caf/send.hpp>

namespace reflector::simulation {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

/// After faults and quarantines, all is to be alive again within this.
constexpr auto recovery_time = 15min;
/// The agent is told to stop, and 5 s later it has.
constexpr auto stop_time = 5s;
/// A failed write is tried again after a second; so long after the last fault all is on the disk.
constexpr auto settling_time = 3s;
/// The kernel writes on its own what nobody syncs.
constexpr auto writeback_interval = 30s;

class simulation {
 public:
  explicit simulation(const simulation_settings& settings);
  simulation(const simulation&) = delete;
  simulation& operator=(const simulation&) = delete;

  simulation_outcome run();

 private:
  // -- the agent's lives
  void configure();
  bool has_small_spool() const { return given_.seed % 4 == 0; }
  void start_life();
  void life_ended(std::uint64_t life, bool in_order);
  void stop_life();
  void reload_life(std::int64_t what);
  void kill_life();
  void end_life();
  void note_what_memory_holds();
  result<std::unique_ptr<spool>> open();
  spool_settings settings_of_spool();

  // -- faults
  void apply(const planned_fault& fault);
  void apply_to_network(const planned_fault& fault);
  void apply_to_disk(const planned_fault& fault);
  void apply_to_host(const planned_fault& fault);
  void apply_to_actors(const planned_fault& fault);
  void apply_to_commands(const planned_fault& fault);
  void apply_to_agent(const planned_fault& fault);
  void during(int& counter, milliseconds lasts);
  void crash_again(const std::string& name, time_point until);
  void rot_a_record();

  // -- looking
  bool disk_is_well() const {
    return disk_.can_write() && disk_.can_read() &&
           machine_.now() - disk_trouble_until_ >= settling_time;
  }
  void on_commit(sample_key key);
  left_over read_left_over();
  void check_jitter();

  receiver_model& receiver(target to) { return to == target::second ? second_ : first_; }
  time_point start_of_run() const { return start_; }
  void in(milliseconds wait, std::function<void()> what) {
    machine_.events().at(machine_.now() + wait, std::move(what));
  }

  const simulation_settings& given_;
  simulation_outcome outcome_;
  run_record& record_ = outcome_.record;
  trace trace_;
  random_stream random_;
  virtual_machine machine_;
  time_point start_ = machine_.now();
  milliseconds wall_offset_{std::chrono::hours{24 * 365 * 56}};

  receiver_model first_{"first", record_}, second_{"second", record_};
  command_queue_model queue_{record_};
  simulated_disk disk_;
  journal_memory journal_;  ///< of commands
  simulated_host host_;
  simulated_launcher launcher_;
  simulated_http http_;
  std::unique_ptr<temporary_folder> folder_;  ///< of the real spool

  configuration config_;
  access_list access_;
  std::optional<world> outside_;
  std::optional<agent> agent_;
  supervisor_actor supervisor_;
  std::uint64_t life_ = 0, lives_ = 0;  ///< life_ is 0 between two
  std::uint32_t boot_ = 1;
  bool stopping_ = false, over_ = false;
  time_point life_began_;

  time_point disk_trouble_until_{};
  std::array<int, 2> poison_{};  ///< status that the next sample is to get for ever, by endpoint
  std::vector<milliseconds> first_waits_;  ///< of the first endpoint, by life
  excuses excused_;
};

simulation::simulation(const simulation_settings& settings)
    : given_(settings),
      trace_(settings.trace_to),
      random_(settings.seed * 0x9e3779b97f4a7c15 + 7),
      host_(*settings.host,
            [this] { return std::chrono::duration_cast<milliseconds>(machine_.now() - start_); }),
      launcher_(
          random_.next(), machine_.events(), [this] { return machine_.now(); }, queue_, record_),
      http_({random_.next(), [this] { return machine_.now(); },
             [this] {
               return std::chrono::duration_cast<std::chrono::seconds>(
                          machine_.now().time_since_epoch() + wall_offset_)
                   .count();
             },
             [this] { record_.count("an interface threw"); }},
            machine_.events(), {&first_, &second_}, queue_, record_, trace_) {
  disk_.pass_time = [this](milliseconds span) { machine_.pass(span); };
  host_.pass_time = [this](milliseconds span) {
    if (life_ != 0) machine_.pass(span);
  };
  machine_.on_start = [this](std::string_view name) {
    if (name == "executor") ++launcher_.executor_life;
  };
  if (given_.real_disk) {
    const bool in_memory = std::filesystem::is_directory("/dev/shm");
    folder_ = in_memory ? std::make_unique<temporary_folder>(std::filesystem::path{"/dev/shm"})
                        : std::make_unique<temporary_folder>();
  }
  configure();
}

void simulation::configure() {
  config_.agent.hostname = "simulated";
  config_.agent.interval = 5s;
  endpoint_config endpoint;
  endpoint.backfill = backfill::all;
  for (const auto* const name : {"first", "second"}) {
    endpoint.name = name;
    endpoint.url = std::string{"http://"} + name + "/api/metrics/batch";
    config_.endpoints.push_back(endpoint);
  }
  // Those that EGO requires; each fourth seed has them all, which takes half as long again.
  if (given_.seed % 4 != 2)
    for (const auto id : {collector_id::network, collector_id::disk, collector_id::sensors,
                          collector_id::processes})
      config_.collectors.of(id).enabled = false;
  if (given_.seed % 8 == 1) config_.endpoints[1].compression = compression::gzip;
  commands_config queue;
  queue.url = "http://queue/api/commands";
  queue.policy = command_policy::any;
  config_.commands = {queue};
  launcher_.most_running = queue.concurrent;
  // Segments of 1 MiB, so that some are closed, and passed by the cursors.
  config_.spool.max_bytes = 8 * 1024 * 1024;
  if (has_small_spool()) {
    config_.spool.max_bytes = 512 * 1024;
    excused_.emplace(loss_reason::spool_full);
    // What was on its way when its segment was given up, and did not arrive before a restart.
    excused_.emplace(loss_reason::unknown);
  }
  if (has_small_spool() || given_.seed % 3 == 0) config_.spool.max_memory = 64 * 1024;
  access_ = *read_access(config_);
  outside_.emplace(world{host_, http_, launcher_,
                         [this] {
                           return wall_time{} +
                                  std::chrono::duration_cast<wall_time::duration>(
                                      machine_.now().time_since_epoch()) +
                                  wall_offset_;
                         },
                         [this](const configuration&) { return open(); }, 0, false, -1});
  outside_->open_journal = [this]() -> result<std::unique_ptr<command_journal>> {
    return std::make_unique<simulated_journal>(disk_, journal_, random_);
  };
  outside_->open_audit = [this] { return std::make_unique<memory_audit_log>(journal_); };
}

// -- the agent's lives

spool_settings simulation::settings_of_spool() {
  spool_settings settings;
  settings.state_dir = folder_ ? folder_->path() : "simulated";
  settings.identity = {"agent", "boot-" + std::to_string(boot_)};
  settings.limits = config_.spool;
  for (const auto& endpoint : config_.endpoints)
    settings.endpoints.push_back({endpoint.name, endpoint.backfill});
  settings.uptime = [this] {
    return std::chrono::duration_cast<milliseconds>(machine_.now() - start_) + 1h;
  };
  settings.wall_now = outside_->wall_now;
  return settings;
}

/// What the disk has not taken goes with the spool that holds it, be it with the agent or alone.
void simulation::note_what_memory_holds() {
  if (!disk_is_well()) excused_.emplace(loss_reason::not_found);
}

result<std::unique_ptr<spool>> simulation::open() {
  note_what_memory_holds();
  auto opened = folder_ ? open_durable_spool(settings_of_spool())
                        : open_simulated_spool(disk_, settings_of_spool());
  trace_.note(machine_.now_ms(), "spool opened", opened.has_value());
  if (!opened) return opened;
  observed_spool::settings with{
      boot_, [this] { return life_ != 0; }, [this] { return machine_.now_ms(); },
      [this] { return disk_is_well(); }, [this](sample_key key) { on_commit(key); }};
  return std::make_unique<observed_spool>(std::move(*opened), std::move(with), record_, trace_);
}

void simulation::start_life() {
  if (over_) return;
  life_ = ++lives_;
  stopping_ = false;
  disk_.connected = true;
  life_began_ = machine_.now();
  outside_->random_seed = random_.next();
  trace_.note(machine_.now_ms(), "started", life_, boot_);
  agent_.emplace(machine_.system(), agent_identity{"agent", "boot-" + std::to_string(boot_)},
                 *outside_);
  supervisor_ = agent_->start(config_, access_, [this, life = life_](bool in_order) {
    in(0ms, [this, life, in_order] { life_ended(life, in_order); });
  });
}

void simulation::life_ended(std::uint64_t life, bool in_order) {
  if (life != life_) return;
  trace_.note(machine_.now_ms(), "ended", life, in_order);
  if (in_order && !stopping_) record_.violated("the agent ended though nobody told it to");
  if (!in_order) record_.count("started again after it had ended by itself");
  end_life();
  // As systemd does.
  in(milliseconds{random_.between(1000, 5000)}, [this] { start_life(); });
}

/// As SIGTERM does.
void simulation::stop_life() {
  if (life_ == 0 || stopping_) return;
  stopping_ = true;
  caf::anon_send(supervisor_, stop_atom{});
  const bool is_slow = disk_.write_takes.count() > 0 || host_.reading_takes.count() > 0;
  in(stop_time, [this, life = life_, is_slow, until = machine_.now() + stop_time] {
    if (life != life_) return;
    // Suspended meanwhile, or at work for seconds.
    if (!is_slow && disk_.write_takes.count() == 0 && machine_.now() < until + 100ms)
      record_.violated("the agent did not stop within 5 s");
    life_ended(life, true);
  });
}

/// As SIGKILL does.
void simulation::kill_life() {
  if (life_ == 0) return;
  trace_.note(machine_.now_ms(), "killed", life_);
  end_life();
  in(milliseconds{random_.between(200, 5000)}, [this] { start_life(); });
}

void simulation::end_life() {
  if (http_.first_request[0])
    first_waits_.push_back(
        std::chrono::duration_cast<milliseconds>(*http_.first_request[0] - life_began_));
  life_ = 0;
  note_what_memory_holds();
  disk_.connected = false;
  std::unique_ptr<temporary_folder> as_it_is;
  if (folder_) {
    // What the actors' ends would still write is not to be there.
    as_it_is =
        std::make_unique<temporary_folder>(std::filesystem::path{folder_->path()}.parent_path());
    std::filesystem::copy(folder_->path(), as_it_is->path(),
                          std::filesystem::copy_options::recursive);
  }
  http_.forget_all();
  launcher_.forget_all();
  supervisor_ = nullptr;
  agent_.reset();
  machine_.end_all_actors();
  if (as_it_is) folder_ = std::move(as_it_is);
}

// -- faults

void simulation::during(int& counter, milliseconds lasts) {
  ++counter;
  in(lasts, [&counter] { --counter; });
}

void simulation::apply(const planned_fault& fault) {
  record_.count("fault: " + std::string{name_of(fault.kind)});
  trace_.note(machine_.now_ms(), name_of(fault.kind), fault.amount);
  if (fault.kind <= fault_kind::poison || fault.kind == fault_kind::throwing_http)
    apply_to_network(fault);
  else if (fault.kind <= fault_kind::rotten_cursors)
    apply_to_disk(fault);
  else if (fault.kind <= fault_kind::sleep)
    apply_to_host(fault);
  else if (fault.kind <= fault_kind::throwing_launcher)
    apply_to_actors(fault);
  else if (fault.kind <= fault_kind::malformed_command)
    apply_to_commands(fault);
  else
    apply_to_agent(fault);
}

void simulation::apply_to_network(const planned_fault& fault) {
  switch (fault.kind) {
    case fault_kind::smaller_limit:
      receiver(fault.to).set_limit(static_cast<std::size_t>(fault.amount));
      return in(fault.lasts, [this, to = fault.to] { receiver(to).set_limit(0); });
    case fault_kind::amnesia:
      during(receiver(fault.to).forgetful, fault.lasts);
      return receiver(fault.to).forget_host();
    case fault_kind::poison:
      poison_[fault.to == target::second ? 1 : 0] = static_cast<int>(fault.amount);
      return;
    default:
      break;
  }
  auto& weather = http_.at[static_cast<std::size_t>(fault.to)];
  const auto kind = static_cast<std::size_t>(fault.kind);
  weather.amount[kind] = fault.amount;
  during(weather.active[kind], fault.lasts);
}

void simulation::apply_to_disk(const planned_fault& fault) {
  if (folder_) return;  // its faults are injected below SQLite, by spool_fault_test
  switch (fault.kind) {
    case fault_kind::disk_slow:
      disk_.write_takes = milliseconds{fault.amount};
      return in(fault.lasts, [this] { disk_.write_takes = 0ms; });
    case fault_kind::rotten_record:
      return rot_a_record();
    case fault_kind::rotten_cursors:
      // With the cursors the ledger of losses is gone, but for what the newest sample declares: a
      // sample that was on its way when its segment was given up is then missed by nobody.
      if (has_small_spool()) return;
      disk_.cursors_damaged = disk_.cursors.has_value();
      excused_.emplace(loss_reason::unknown);
      // So a hole between two segments is taken for damage.
      excused_.emplace(loss_reason::damaged);
      return;
    case fault_kind::disk_full:
      excused_.emplace(loss_reason::disk_full);
      excused_.emplace(loss_reason::unknown);
      excused_.emplace(loss_reason::memory_full);
      during(disk_.full, fault.lasts);
      break;
    case fault_kind::disk_unreadable:
      during(disk_.unreadable, fault.lasts);
      break;
    default:
      excused_.emplace(loss_reason::memory_full);
      during(fault.kind == fault_kind::disk_io ? disk_.io_errors : disk_.read_only, fault.lasts);
      break;
  }
  if (!disk_.can_write()) queue_.journal_failed();
  // Behind the end of the fault itself; a machine that is suspended meanwhile notices it late.
  in(fault.lasts, [this] { disk_trouble_until_ = machine_.now(); });
}

/// One that waits in a segment that is not appended to any more, where there is any.
void simulation::rot_a_record() {
  if (disk_.segments.empty()) return;
  auto& oldest = disk_.segments.begin()->second;
  if (oldest.records.empty()) return;
  oldest.damaged.insert(oldest.records[random_.below(oldest.records.size())].sequence);
  oldest.damaged.insert(oldest.records.back().sequence);
  excused_.emplace(loss_reason::damaged);
}

void simulation::apply_to_host(const planned_fault& fault) {
  const auto collector = static_cast<std::size_t>(fault.amount) % collector_names.size();
  switch (fault.kind) {
    case fault_kind::unreadable_files:
      return during(host_.unreadable[collector], fault.lasts);
    case fault_kind::slow_files:
      host_.reading_takes = milliseconds{fault.amount};
      return in(fault.lasts, [this] { host_.reading_takes = 0ms; });
    case fault_kind::wall_jump:
      wall_offset_ += milliseconds{fault.amount};
      return;
    default:
      return machine_.pass(fault.lasts);
  }
}

void simulation::apply_to_actors(const planned_fault& fault) {
  const auto which = static_cast<std::size_t>(fault.amount);
  switch (fault.kind) {
    case fault_kind::crash_actor:
      record_.count("crash: " + machine_.crash(which));
      return;
    case fault_kind::crash_loop:
      return crash_again(machine_.crash(which), machine_.now() + fault.lasts);
    case fault_kind::throwing_collector:
      return during(host_.throwing[which % collector_names.size()], fault.lasts);
    default:
      return during(launcher_.throwing, fault.lasts);
  }
}

void simulation::crash_again(const std::string& name, time_point until) {
  in(1500ms, [this, name, until] {
    if (machine_.now() > until) return;
    machine_.crash_newest(name);
    crash_again(name, until);
  });
}

void simulation::apply_to_commands(const planned_fault& fault) {
  switch (fault.kind) {
    case fault_kind::hanging_process:
      return during(launcher_.hanging, fault.lasts);
    case fault_kind::dying_process:
      return during(launcher_.dying, fault.lasts);
    case fault_kind::unstartable:
      return during(launcher_.unstartable, fault.lasts);
    case fault_kind::redelivery:
      return queue_.hand_out_again();
    case fault_kind::malformed_command:
      return queue_.create(machine_.now_ms(), true);
    default:
      for (std::int64_t i = 0; i < fault.amount; ++i) queue_.create(machine_.now_ms());
  }
}

void simulation::apply_to_agent(const planned_fault& fault) {
  switch (fault.kind) {
    case fault_kind::kill:
      return machine_.after_steps(static_cast<std::uint64_t>(fault.amount),
                                  [this] { kill_life(); });
    case fault_kind::power_cut:
      return machine_.after_steps(static_cast<std::uint64_t>(fault.amount), [this] {
        if (life_ == 0) return;
        kill_life();
        disk_.cut_power();
        ++boot_;
      });
    case fault_kind::reload:
      return reload_life(fault.amount);
    default:
      return stop_life();
  }
}

/// As SIGHUP does, with a configuration in which one thing is not what it was.
void simulation::reload_life(std::int64_t what) {
  if (life_ == 0 || stopping_) return;
  record_.count("reloaded");
  auto& network = config_.collectors.of(collector_id::network).enabled;
  switch (what % 5) {
    case 0:
      config_.agent.rack += 'x';
      break;
    case 1:
      config_.endpoints[0].max_batch_samples ^= 1U;
      break;
    case 2:
      network = !network;
      break;
    case 3:
      config_.commands[0].poll += 1s;
      break;
    default:
      config_.spool.max_age += 1h;
  }
  trace_.note(machine_.now_ms(), "reloaded", what);
  agent_->reload(config_, access_);
}

// -- looking

void simulation::on_commit(sample_key key) {
  for (std::size_t i = 0; i < poison_.size(); ++i)
    if (const int status = std::exchange(poison_[i], 0); status != 0)
      receiver(static_cast<target>(i)).set_poison(key, status);
}

left_over simulation::read_left_over() {
  left_over left;
  disk_.connected = true;
  auto opened = folder_ ? open_durable_spool(settings_of_spool())
                        : open_simulated_spool(disk_, settings_of_spool());
  if (!opened) {
    record_.violated("the spool can't be opened at the end: " + opened.error().text);
    return left;
  }
  for (const auto& endpoint : config_.endpoints)
    for (;;) {
      const auto slice = (*opened)->hand_out(endpoint.name, 1000, ~std::size_t{0});
      left.lost = (*opened)->lost();
      if (slice.records.empty()) break;
      for (const auto& each : slice.records) left.waiting[endpoint.name].insert(each.sequence);
      (*opened)->acknowledge(endpoint.name, slice.records.back().sequence);
    }
  return left;
}

/// A fleet that starts at one moment is not to arrive at one.
void simulation::check_jitter() {
  if (first_waits_.size() < 3) return;
  const auto [least, most] = std::minmax_element(first_waits_.begin(), first_waits_.end());
  if (*most - *least < 5ms)
    record_.violated("the first request of each of " + std::to_string(first_waits_.size()) +
                     " lives came after the same time");
}

simulation_outcome simulation::run() {
  log_counts::count_in(&record_, given_.trace_to);
  for (const auto& fault : given_.faults)
    machine_.events().at(start_ + fault.at, [this, &fault] { apply(fault); });
  for (auto at = 90s; at < given_.lasts; at += 240s)
    machine_.events().at(start_ + at, [this] { queue_.create(machine_.now_ms()); });
  for (auto at = writeback_interval; at < given_.lasts; at += writeback_interval)
    machine_.events().at(start_ + at, [this] {
      if (disk_.can_write()) disk_.sync_all();
    });
  start_life();
  const time_point end = start_ + given_.lasts;
  machine_.run_until(end);
  const std::int64_t end_ms = machine_.now_ms();
  over_ = true;
  stop_life();
  machine_.run_until(machine_.now() + stop_time + 1s);
  if (life_ != 0) end_life();
  const auto calm = start_ + faults_until(given_.lasts) + recovery_time;
  const recovery when{std::chrono::duration_cast<milliseconds>(calm.time_since_epoch()).count(),
                      end_ms, config_.agent.interval};
  if (!record_.dead_letters.empty()) {
    excused_.emplace(loss_reason::refused);
    excused_.emplace(loss_reason::refused_not_kept);
  }
  check_invariants(record_, {&first_, &second_}, queue_, read_left_over(), when, excused_);
  check_jitter();
  if (machine_.most_timers() > 400)
    record_.violated(std::to_string(machine_.most_timers()) + " timers at once");
  log_counts::count_in(nullptr, nullptr);
  http_.count_answers();
  record_.count("samples committed", record_.commits);
  record_.count("messages between actors", machine_.messages());
  outcome_.trace_hash = trace_.hash();
  outcome_.events = trace_.events();
  return std::move(outcome_);
}

}  // namespace

simulation_outcome simulate(const simulation_settings& settings) {
  // The world first: what is left of the actors at its end still refers to it.
  simulation it{settings};
  return it.run();
}

}  // namespace reflector::simulation
