#include "tests/faultlab/lab_run.hpp"

#include "actors/text/hexadecimal.hpp"
#include "actors/text/sha256.hpp"
#include "tests/faultlab/host/agent_disk.hpp"
#include "tests/faultlab/host/lab_rights.hpp"
#include "tests/faultlab/host/preload_control.hpp"
#include "tests/faultlab/lab_agent.hpp"
#include "tests/faultlab/lab_commands.hpp"
#include "tests/faultlab/lab_endpoints.hpp"
#include "tests/faultlab/process_sizes.hpp"
#include "tests/faultlab/scenario/fault_schedule.hpp"

#include <algorithm>
#include <csignal>
#include <fstream>
#include <iterator>
#include <set>
#include <stdexcept>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <thread>

namespace reflector::faultlab {
namespace {

using namespace std::chrono_literals;
using steady = std::chrono::steady_clock;

constexpr auto round_pause = 10ms;
constexpr auto progress_pause = 200ms;
constexpr auto first_samples_limit = 60s;
constexpr auto stop_limit = 15s;
constexpr auto leftover_limit = 2s;
constexpr double command_pace_s = 1;
constexpr int command_timeout_s = 20;
constexpr std::uint64_t disk_bytes = 64ULL * 1024 * 1024;
/// What may wait although all is well: the samples of so long, and one on its way.
constexpr double on_its_way_s = 0.5;

std::string hex_sha256(std::string_view bytes) {
  return hexadecimal(sha256(bytes));
}

std::string content_of(const std::filesystem::path& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

struct could_not_run : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// SIGTERM and SIGINT end a run in order: a frozen disk or a stopped process must not stay so.
volatile std::sig_atomic_t interrupted = 0;

void note_interruption(int) {
  interrupted = 1;
}

/// A line of the timeline in this run.
struct active_fault {
  const planned_fault* plan = nullptr;
  std::unique_ptr<fault> what;
  fault_record record;
  std::mt19937_64 random;
  bool lasts_now = false;
};

class scenario_run final : public lab_world {
 public:
  scenario_run(const scenario& plan, const run_wish& wish) : plan_(plan), wish_(wish) {}

  run_record play();

  std::vector<lab_endpoint*> endpoints(const std::string& name) override {
    return endpoints_->named(name);
  }
  std::vector<agent_handle*> agents() override {
    std::vector<agent_handle*> all;
    for (auto& each : agents_) all.push_back(&each->handle());
    return all;
  }
  wire::name_server* name_server() override { return endpoints_->name_server(); }
  void kill_and_restart(agent_handle& agent, std::chrono::milliseconds pause) override {
    owner_of(agent).kill(pause);
  }
  void kill_and_hold(agent_handle& agent) override { owner_of(agent).hold(); }
  void resume(agent_handle& agent) override { owner_of(agent).resume(); }
  void queue_command(agent_handle& agent, const std::string& line, int timeout_seconds) override {
    commands_->queue(agent.name, line, timeout_seconds, now_s());
  }
  std::string marked_command(agent_handle& agent, const std::string& extra) override {
    return commands_->marked_line(agent, extra);
  }
  std::mt19937_64& random() override { return *random_; }
  double now_s() const override {
    return std::chrono::duration<double>(steady::now() - began_).count();
  }
  const std::filesystem::path& folder() const override { return wish_.folder; }

 private:
  void prepare_faults();
  void start_agents();
  void await_first_samples();
  void play_timeline();
  void settle();
  void stop();
  void collect();

  bool needed(need what) const { return needs_.contains(what); }
  lab_agent& owner_of(const agent_handle& agent);
  std::unique_ptr<lab_agent> make_agent(const std::string& name);
  void begin(active_fault& each);
  void end(active_fault& each);
  bool some_fault_ends_agents() const;
  /// One round of what goes on all the time.
  void attend(const std::string& phase);
  bool everything_arrived() const;
  void show_progress(const std::string& phase);

  const scenario& plan_;
  const run_wish& wish_;
  const steady::time_point began_ = steady::now();
  std::set<need> needs_;
  std::optional<lab_endpoints> endpoints_;
  std::optional<lab_commands> commands_;
  std::vector<std::unique_ptr<preload_control>> preloads_;
  std::vector<std::unique_ptr<agent_disk>> disks_;
  std::vector<std::unique_ptr<lab_agent>> agents_;
  std::vector<active_fault> faults_;
  std::mt19937_64* random_ = nullptr;
  std::mt19937_64 own_random_;
  steady::time_point faults_ended_{};
  steady::time_point progress_due_{};
  double command_due_s_ = 0;
  double timeline_began_s_ = 0;
  run_record record_;
};

/// What the machine can't do is found out before anything starts: it decides which agents' disks
/// and which namespaces there are.
void scenario_run::prepare_faults() {
  std::uint64_t place = 0;
  for (const auto& planned : plan_.faults) {
    active_fault each;
    each.plan = &planned;
    each.record.kind = planned.kind->name;
    each.record.group = planned.kind->group;
    each.record.text = planned.text;
    each.record.endpoint = planned.endpoint;
    each.record.ends_agents = planned.kind->ends_agents;
    each.random.seed(wish_.seed * 1000003 + ++place);
    for (const need what : planned.kind->needs)
      if (const auto lacking = lacks(what); !lacking.empty()) each.record.not_run = lacking;
    if (each.record.not_run.empty()) {
      each.what = planned.kind->make(planned.values);
      needs_.insert(planned.kind->needs.begin(), planned.kind->needs.end());
    }
    faults_.push_back(std::move(each));
  }
  if (needed(need::name_server) || needed(need::namespaces) || needed(need::disk)) {
    if (const auto problem = enter_private_world(needed(need::name_server)))
      throw could_not_run("namespaces: " + *problem);
  }
}

lab_agent& scenario_run::owner_of(const agent_handle& agent) {
  for (auto& each : agents_)
    if (&each->handle() == &agent) return *each;
  throw std::logic_error("not an agent of this run");
}

std::unique_ptr<lab_agent> scenario_run::make_agent(const std::string& name) {
  auto adapter = make_agent_adapter(wish_.target);
  if (!adapter) throw could_not_run(adapter.error());
  agent_handle handle;
  handle.name = name;
  handle.folder = wish_.folder / name;
  handle.state_dir = handle.folder / "state";
  std::filesystem::create_directories(handle.folder);
  if (needed(need::disk)) {
    const auto mount = handle.folder / "disk";
    disks_.push_back(std::make_unique<agent_disk>(handle.folder / "disk.img", mount, disk_bytes));
    if (const auto problem = disks_.back()->create()) throw could_not_run("disk: " + *problem);
    handle.disk = disks_.back().get();
    handle.state_dir = mount / "state";
  }
  std::filesystem::create_directories(handle.state_dir);
  ::chmod(handle.state_dir.c_str(), 0700);
  std::vector<std::string> environment;
  if (needed(need::preload)) {
    auto control = preload_control::create(handle.folder / "preload");
    if (!control) throw could_not_run("preload: " + control.error());
    preloads_.push_back(std::move(*control));
    handle.preload = preloads_.back().get();
    environment = handle.preload->environment();
  }
  agent_setup setup;
  setup.host = name;
  setup.folder = handle.folder;
  setup.state_dir = handle.state_dir;
  setup.interval = plan_.interval;
  setup.endpoints = endpoints_->targets();
  if (plan_.commands) setup.commands_url = endpoints_->commands_url();
  setup.extra = plan_.agent_toml;
  setup.own_configuration = wish_.own_configuration;
  const auto written = (*adapter)->configure(setup);
  if (!written) throw could_not_run("configuration: " + written.error());
  handle.configuration = *written;
  auto agent = std::make_unique<lab_agent>(std::move(*adapter), std::move(handle),
                                           [this] { return now_s(); });
  for (auto& each : environment) agent->add_environment(std::move(each));
  return agent;
}

void scenario_run::start_agents() {
  const bool foreign = wish_.target.starts_with("collectd");
  endpoints_.emplace(plan_, needed(need::tls), needed(need::name_server), foreign, wish_.seed,
                     wish_.folder);
  commands_.emplace(endpoints_->command_queue());
  for (std::uint64_t i = 1; i <= plan_.agents; ++i) {
    std::string number = std::to_string(i);
    number.insert(0, 3 - std::min<std::size_t>(3, number.size()), '0');
    agents_.push_back(make_agent(plan_.agents == 1 ? "agent" : "agent-" + number));
  }
  auto& first = *agents_.front();
  record_.agent_kind = first.adapter().kind();
  record_.agent_version = first.adapter().version();
  record_.agent_sha256 = hex_sha256(content_of(first.adapter().program()));
  record_.configuration = content_of(first.handle().configuration);
  record_.configuration_sha256 = hex_sha256(record_.configuration);
  for (auto& each : faults_)
    if (each.what) {
      random_ = &each.random;
      each.record.not_run = each.what->hindrance(*this);
    }
  for (auto& each : agents_)
    if (const auto problem = each->start()) throw could_not_run(*problem);
}

void scenario_run::await_first_samples() {
  const auto until = steady::now() + first_samples_limit;
  for (;;) {
    attend("starting");
    if (std::all_of(agents_.begin(), agents_.end(), [&](const auto& each) {
          return endpoints_->all_have(each->handle().name, began_);
        }))
      return;
    for (const auto& each : agents_)
      if (!each->record().lives.empty() && each->record().lives.front().to_s > 0)
        throw could_not_run("the agent ended at its start (exit " +
                            std::to_string(each->record().lives.front().exit) + "); it said: " +
                            content_of(each->handle().folder / "output").substr(0, 1000));
    if (steady::now() >= until)
      throw could_not_run("no first sample from every agent within 60 s; it said: " +
                          content_of(agents_.front()->handle().folder / "output").substr(0, 1000));
    std::this_thread::sleep_for(round_pause);
  }
}

void scenario_run::begin(active_fault& each) {
  if (!each.record.not_run.empty()) return;
  random_ = &each.random;
  each.record.intervals.push_back({now_s(), now_s()});
  if (const auto problem = each.what->begin(*this)) {
    each.what->end(*this);
    each.record.intervals.pop_back();
    each.record.not_run = *problem;
    return;
  }
  each.lasts_now = true;
}

void scenario_run::end(active_fault& each) {
  if (!each.lasts_now) return;
  random_ = &each.random;
  each.what->end(*this);
  each.lasts_now = false;
  each.record.intervals.back().to_s = now_s();
}

bool scenario_run::some_fault_ends_agents() const {
  return std::any_of(faults_.begin(), faults_.end(), [&](const active_fault& each) {
    if (!each.record.ends_agents || each.record.intervals.empty()) return false;
    return each.lasts_now || now_s() < each.record.intervals.back().to_s + 2;
  });
}

void scenario_run::play_timeline() {
  timeline_began_s_ = now_s();
  const auto began = steady::now();
  auto occurrences = schedule(plan_, wish_.seed);
  struct moment {
    std::chrono::milliseconds at;
    bool begins;
    std::size_t fault;
  };
  std::vector<moment> moments;
  for (const auto& each : occurrences) {
    moments.push_back({each.begin, true, each.fault});
    moments.push_back({each.end, false, each.fault});
  }
  std::stable_sort(moments.begin(), moments.end(),
                   [](const moment& a, const moment& b) { return a.at < b.at; });
  auto next = moments.begin();
  while (steady::now() < began + plan_.duration) {
    while (next != moments.end() && steady::now() >= began + next->at) {
      if (next->begins)
        begin(faults_[next->fault]);
      else
        end(faults_[next->fault]);
      ++next;
    }
    attend("faults");
    std::this_thread::sleep_for(round_pause);
  }
  for (; next != moments.end(); ++next)
    if (!next->begins) end(faults_[next->fault]);
  for (auto& each : faults_) end(each);
  faults_ended_ = steady::now();
  record_.faults_end_s = now_s();
}

bool scenario_run::everything_arrived() const {
  if (!commands_->all_answered()) return false;
  return std::all_of(agents_.begin(), agents_.end(), [&](const auto& each) {
    if (!each->runs() || !endpoints_->all_have(each->handle().name, faults_ended_)) return false;
    const auto* counters = each->newest_counters();
    if (counters == nullptr) return now_s() > record_.faults_end_s + 2;
    if (counters->at_s < record_.faults_end_s) return false;
    const double most = 2 + on_its_way_s / record_.interval_s;
    return std::all_of(
        counters->waiting.begin(), counters->waiting.end(),
        [&](const auto& waiting) { return static_cast<double>(waiting.second) <= most; });
  });
}

void scenario_run::settle() {
  const auto until = faults_ended_ + plan_.settle;
  while (steady::now() < until) {
    attend("settling");
    if (everything_arrived()) {
      record_.settled_s = now_s();
      return;
    }
    std::this_thread::sleep_for(round_pause);
  }
}

void scenario_run::stop() {
  for (auto& each : agents_) each->ask_to_stop();
  const auto until = steady::now() + stop_limit;
  const auto all_stopped = [&] {
    bool all = true;
    for (auto& each : agents_) all = each->has_stopped() && all;
    return all;
  };
  while (!all_stopped() && steady::now() < until) {
    show_progress("stopping");
    std::this_thread::sleep_for(round_pause);
  }
  for (auto& each : agents_) each->give_up();
  // What an agent left behind has become a child of this process, the subreaper.
  const auto gone_by = steady::now() + leftover_limit;
  std::vector<pid_t> left;
  do {
    std::this_thread::sleep_for(round_pause);
    left = children_of(::getpid());
  } while (!left.empty() && steady::now() < gone_by);
  for (const pid_t pid : left) {
    agents_.front()->record().leftovers.push_back(std::to_string(pid) + ' ' + command_line_of(pid));
    ::kill(pid, SIGKILL);
  }
}

void scenario_run::collect() {
  for (auto& each : faults_) {
    if (each.what && each.record.not_run.empty()) {
      random_ = &each.random;
      each.record.fired = each.what->fired(*this);
    }
    record_.faults.push_back(each.record);
  }
  std::vector<fault_interval> wire_faults;
  for (const auto& each : record_.faults)
    if (each.group == "wire" || each.group == "dns")
      wire_faults.insert(wire_faults.end(), each.intervals.begin(), each.intervals.end());
  for (auto& each : agents_) {
    auto& record = each->record();
    if (auto books = each->adapter().books())
      record.books = std::move(*books);
    else
      record.books_problem = books.error();
    auto files = each->adapter().logs();
    files.push_back(each->handle().folder / "output");
    record.canaries = canaries_in(files, endpoints_->secrets());
    record_.agents.push_back(record);
  }
  record_.endpoints = endpoints_->records(began_);
  record_.commands = commands_->records(began_, wire_faults, record_.agents);
}

void scenario_run::attend(const std::string& phase) {
  if (interrupted != 0) throw could_not_run("interrupted");
  const bool ends_agents = some_fault_ends_agents();
  for (auto& each : agents_) {
    each->attend(ends_agents);
    each->look();
  }
  if (plan_.marked_commands && phase == "faults" && now_s() >= command_due_s_) {
    command_due_s_ = now_s() + command_pace_s;
    for (auto* each : agents())
      queue_command(*each, marked_command(*each, "--sleep 1"), command_timeout_s);
  }
  show_progress(phase);
}

void scenario_run::show_progress(const std::string& phase) {
  if (!wish_.progress || steady::now() < progress_due_) return;
  progress_due_ = steady::now() + progress_pause;
  run_progress shown;
  shown.phase = phase;
  shown.at_s = now_s();
  shown.total_s = timeline_began_s_ + std::chrono::duration<double>(plan_.duration).count();
  for (const auto& each : faults_)
    if (each.lasts_now && shown.faults.find(each.record.kind) == std::string::npos)
      shown.faults += (shown.faults.empty() ? "" : ", ") + each.record.kind;
  shown.stored = endpoints_->stored();
  for (const auto& each : agents_)
    if (const auto* counters = each->newest_counters()) {
      shown.collected += counters->collected.value_or(0);
      for (const auto& [name, count] : counters->waiting) shown.waiting += count;
    }
  wish_.progress(shown);
}

run_record scenario_run::play() {
  record_.scenario = plan_.name;
  record_.title = plan_.title;
  record_.seed = wish_.seed;
  record_.repeat = wish_.repeat;
  record_.lab_version = REFLECTOR_VERSION;
  record_.interval_s = std::chrono::duration<double>(plan_.interval).count();
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  ::signal(SIGPIPE, SIG_IGN);
  ::signal(SIGTERM, note_interruption);
  ::signal(SIGINT, note_interruption);
  try {
    prepare_faults();
    start_agents();
    await_first_samples();
    play_timeline();
    settle();
    stop();
    collect();
  } catch (const std::exception& problem) {
    record_.broken_off = problem.what();
    for (auto& each : faults_)
      if (endpoints_) end(each);
    if (record_.faults.empty())
      for (const auto& each : faults_) record_.faults.push_back(each.record);
  }
  record_.ended_s = now_s();
  // Agents before what they use.
  agents_.clear();
  faults_.clear();
  return std::move(record_);
}

}  // namespace

run_record play(const scenario& plan, const run_wish& wish) {
  scenario_run run{plan, wish};
  return run.play();
}

}  // namespace reflector::faultlab
