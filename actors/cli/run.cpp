#include "actors/cli/run.hpp"

#include "actors/agent.hpp"
#include "actors/cli/exit_code.hpp"
#include "actors/collect/host.hpp"
#include "actors/collect/host_probers.hpp"
#include "actors/command/child_process.hpp"
#include "actors/command/durable_command_journal.hpp"
#include "actors/deliver/durable_spool.hpp"
#include "actors/net/curl_http_client.hpp"
#include "actors/observe/log.hpp"
#include "actors/observe/metrics_server.hpp"
#include "actors/observe/newest_sample.hpp"
#include "actors/observe/own_process.hpp"
#include "actors/observe/own_usage.hpp"
#include "actors/observe/status_board.hpp"
#include "actors/observe/status_json.hpp"
#include "actors/observe/status_server.hpp"
#include "actors/observe/watchdog.hpp"
#include "actors/os/service_notify.hpp"
#include "actors/os/unique_descriptor.hpp"
#include "actors/state_dir.hpp"
#include "actors/supervise/pool_watch.hpp"
#include "actors/supervise/supervisor.hpp"
#include "config/consistency.hpp"

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <malloc.h>
#include <memory>
#include <poll.h>
#include <random>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <thread>
#include <unistd.h>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/send.hpp>
#include <spdlog/spdlog.h>

namespace reflector {
namespace {

using namespace std::chrono_literals;

/// From a signal to the end of the supervisor (whose own deadline is 4.5 s); the unit's
/// TimeoutStopSec is longer.
constexpr auto stop_deadline = 4600ms;
/// From the end of the supervisor to the end of the process.
constexpr auto tear_down_deadline = 300ms;

int fail(const std::string& text) {
  spdlog::error("{}", text);
  return exit_failure;
}

/// The agent is small and has few threads: without these, each thread's allocator keeps memory of
/// its own, and what was freed after a peak is kept for the next.
void keep_memory_small() {
  ::mallopt(M_ARENA_MAX, 1);
  ::mallopt(M_TRIM_THRESHOLD, 256 * 1024);
  ::mallopt(M_MMAP_THRESHOLD, 128 * 1024);
}

/// Secrets are in it: no core file, and no other process of its user, such as a command, reads its
/// memory or environment.
void keep_memory_private() {
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
#ifndef __SANITIZE_ADDRESS__  // its leak check has to trace the process
  ::prctl(PR_SET_DUMPABLE, 0);
#endif
}

sigset_t block_signals() {
  sigset_t asked;
  sigemptyset(&asked);
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&asked, number);
  sigset_t blocked = asked;
  sigaddset(&blocked, SIGCHLD);
  ::pthread_sigmask(SIG_BLOCK, &blocked, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  return asked;
}

/// Of the host, asleep or not.
std::chrono::milliseconds uptime() {
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return std::chrono::milliseconds{now.tv_sec * 1000 + now.tv_nsec / 1'000'000};
}

journal_settings settings_of_journal(const state_dir& state) {
  journal_settings settings;
  settings.path = state.file("commands.db");
  settings.uptime = uptime;
  settings.wall_now = [] { return std::chrono::system_clock::now(); };
  return settings;
}

spool_settings settings_of_spool(const configuration& config, const state_dir& state,
                                 const agent_identity& identity) {
  spool_settings settings;
  settings.state_dir = state.path();
  settings.identity = identity;
  settings.limits = config.spool;
  settings.endpoints = endpoints_of(config);
  settings.uptime = uptime;
  settings.wall_now = [] { return std::chrono::system_clock::now(); };
  return settings;
}

/// As the samples have it; empty where even the uptime can't be read.
host_reading measured_host(host_files& files) {
  auto measured = make_host_collector(files)->measure(std::chrono::steady_clock::now());
  return measured ? std::get<host_reading>(std::move(*measured)) : host_reading{};
}

agent_status status_of(const status_board& board, const own_process& process) {
  auto all = board.snapshot(std::chrono::steady_clock::now(), std::chrono::system_clock::now());
  all.process = process.measure();
  return all;
}

/// Null where it can't be: the agent goes on without.
std::unique_ptr<status_server> serve_status(const state_dir& state, const status_board& board,
                                            const own_process& process) {
  auto server = status_server::start(state.file(status_socket_name), [&board, &process] {
    return status_json(status_of(board, process));
  });
  if (server) return std::move(*server);
  spdlog::warn("there will be no `reflector status`: {}", server.error().text);
  return nullptr;
}

/// What the main thread does beside waiting for the end.
struct on_duty {
  std::function<void()> reload;        ///< at SIGHUP
  std::function<void()> look_at_pool;  ///< every pool_watch::patience
};

/// Waits until the agent has ended or a signal says that it should, then for its end, but not for
/// ever.
/// @return whether it has ended
bool wait_for_end(const sigset_t& asked, int ended, const supervisor_actor& supervisor,
                  const service_notify& manager, const on_duty& duty) {
  const unique_descriptor signals{::signalfd(-1, &asked, SFD_CLOEXEC)};
  pollfd watched[] = {{signals.get(), POLLIN, 0}, {ended, POLLIN, 0}};
  bool stopping = false;
  monotonic_time stop_by{};
  for (;;) {
    int patience = static_cast<int>(std::chrono::milliseconds{pool_watch::patience}.count());
    if (stopping) {
      const auto left =
          std::chrono::ceil<std::chrono::milliseconds>(stop_by - std::chrono::steady_clock::now());
      if (left.count() <= 0) return false;
      patience = static_cast<int>(left.count());
    }
    const int ready = ::poll(watched, 2, patience);
    if (ready < 0) continue;
    if (ready == 0 && !stopping) duty.look_at_pool();
    if ((watched[1].revents & POLLIN) != 0) return true;
    if ((watched[0].revents & POLLIN) == 0) continue;
    signalfd_siginfo got{};
    if (::read(signals.get(), &got, sizeof got) != static_cast<ssize_t>(sizeof got)) continue;
    if (got.ssi_signo == static_cast<std::uint32_t>(SIGHUP) && ::isatty(STDOUT_FILENO) == 0) {
      if (!stopping) duty.reload();
    } else if (!stopping) {
      // SIGHUP in the foreground: the terminal was closed.
      spdlog::info("stopping: SIG{}", ::sigabbrev_np(static_cast<int>(got.ssi_signo)));
      (void)manager.stopping();
      stopping = true;
      stop_by = std::chrono::steady_clock::now() + stop_deadline;
      caf::anon_send(supervisor, stop_atom{});
    }
  }
}

/// An actor that was left behind in a call that never returns (a device, a pipe that nobody reads)
/// keeps its thread, and whatever destroys the actor system waits for it for ever. What has to be
/// kept is kept by now, so the process ends at a time, unless it was torn down before.
class end_of_process {
 public:
  end_of_process(std::chrono::milliseconds patience, int code) {
    std::thread{[=, armed = armed_] {
      std::this_thread::sleep_for(patience);
      if (!armed->exchange(false)) return;
      spdlog::shutdown();
      std::quick_exit(code);
    }}.detach();
  }

  /// From here on the process ends by itself, and its statics with it: nothing may use them then.
  void is_torn_down() {
    if (!armed_->exchange(false)) ::pause();  // it is being ended just now
  }

 private:
  std::shared_ptr<std::atomic<bool>> armed_ = std::make_shared<std::atomic<bool>>(true);
};

}  // namespace

int run_command(const loaded_configuration& first, const load_configured& again,
                print_samples printing) {
  keep_memory_private();
  const service_environment service = take_service_environment();
  const configuration& given = first.value;
  const sigset_t asked = block_signals();
  keep_memory_small();
  if (const auto log = start_log(given.log); !log) return fail("the log: " + log.error().text);
  for (const auto& warning : first.warnings) spdlog::warn("{}", warning);

  const auto state = state_dir::open(given.agent.state_dir);
  if (!state) return fail(state.error().text);
  auto id = state->agent_id();
  if (!id) return fail(id.error().text);

  const auto files = make_host_files(given.agent.host_root);
  const host_reading host = measured_host(*files);
  configuration config = given;
  if (config.agent.hostname.empty()) config.agent.hostname = host.hostname;
  if (config.agent.hostname.empty())
    return fail("the host's name can't be read under " + config.agent.host_root +
                ": say it as [agent] hostname");
  if (is_egos_own(config.agent.hostname))
    spdlog::warn(
        "this host is called {}, which EGO takes for itself: give it another name in [agent] "
        "hostname",
        config.agent.hostname);
  const agent_identity identity{*id, host.boot_id};
  auto access = read_access(config);
  if (!access) return fail(access.error().text);

  status_board board;
  newest_sample newest;
  const own_process process;
  auto status = serve_status(*state, board, process);
  std::unique_ptr<http_server> metrics;
  if (!config.metrics.listen.empty()) {
    auto server = start_metrics_server(config.metrics.listen, newest,
                                       [&] { return status_of(board, process); });
    if (!server) return fail(server.error().text);
    metrics = std::move(*server);
    spdlog::info("metrics at http://{}/metrics", config.metrics.listen);
  }
  auto http = std::make_unique<curl_http_client>();
  auto launcher = make_child_process_launcher();
  const auto slow = make_host_probers(config.agent.host_root);
  const world outside{
      *files,
      *http,
      *launcher,
      [] { return std::chrono::system_clock::now(); },
      [settings = settings_of_spool(config, *state, identity)](const configuration& now) {
        auto current = settings;
        current.limits = now.spool;
        current.endpoints = endpoints_of(now);
        return open_durable_spool(std::move(current));
      },
      std::random_device{}(),
      true,
      printing == print_samples::always ||
              (printing == print_samples::automatic && ::isatty(STDOUT_FILENO) == 1)
          ? STDOUT_FILENO
          : -1,
      &board,
      slow.handed_out(),
      [reader = std::make_shared<const own_usage_reader>()] { return reader->read(); },
      [settings = settings_of_journal(*state)] { return open_command_journal(settings); },
      [path = state->file("audit.jsonl")] {
        return open_audit_log(path, [] { return std::chrono::system_clock::now(); });
      },
      &newest,
  };

  // On the heap: when an actor hangs, the system's destructor would wait for it for ever, so it
  // isn't run then. One worker: nothing on the pool blocks, and a second one costs half as many
  // context switches again (28 a tick instead of 18) without saving any CPU.
  auto actors_config = std::make_unique<caf::actor_system_config>();
  actors_config->set("scheduler.policy", caf::atom("sharing"));
  actors_config->set("scheduler.max-threads", std::size_t{1});
  auto system = std::make_unique<caf::actor_system>(*actors_config);

  spdlog::info("reflector {} measures {} every {} ms for {} endpoint(s), agent {}",
               REFLECTOR_VERSION, config.agent.hostname, config.agent.interval.count(),
               config.endpoints.size(), identity.id);
  const unique_descriptor ended{::eventfd(0, EFD_CLOEXEC)};
  bool in_order = false;
  auto whole = std::make_unique<agent>(*system, identity, outside);
  auto supervisor = whole->start(config, *access, [&](bool how) {
    in_order = how;
    (void)!::eventfd_write(ended.get(), 1);
  });
  const service_notify manager{service.notify_socket};
  (void)manager.status(fmt::format("measuring every {} ms for {} endpoint(s)",
                                   config.agent.interval.count(), config.endpoints.size()));
  const watchdog progress{board.progress(), manager, service.watchdog};
  reloading configured{again, config, *access, host.hostname, *whole, supervisor, manager};
  pool_watch watch;
  spare_workers spares{*system};
  const auto look_at_pool = [&] {
    if (!watch.stands_still(board.progress().read().supervisor_due,
                            std::chrono::steady_clock::now()))
      return;
    if (spares.add()) {
      spdlog::error("an actor holds up all others; another thread takes its place in the pool");
      return;
    }
    spdlog::error("the actors stand still once more, so the agent ends");
    spdlog::shutdown();
    std::quick_exit(exit_failure);
  };
  if (!wait_for_end(asked, ended.get(), supervisor, manager,
                    {[&] { configured.now(); }, look_at_pool})) {
    spdlog::error("not all actors ended in time; what waited was kept as far as it could be");
    spdlog::shutdown();
    std::quick_exit(exit_failure);
  }
  const int code = in_order ? exit_success : exit_failure;
  end_of_process end{spares.count() > 0 ? 0ms : tear_down_deadline, code};
  if (spares.count() > 0) ::pause();  // see spare_workers
  supervisor = nullptr;
  whole.reset();
  // Requests and processes that are still open hold actors, which must not outlive the system.
  http.reset();
  launcher.reset();
  system.reset();
  end.is_torn_down();
  spdlog::info("stopped");
  return code;
}

}  // namespace reflector
