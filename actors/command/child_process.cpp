#include "actors/command/child_process.hpp"

#include "actors/command/command_cgroup.hpp"
#include "actors/command/orphans.hpp"
#include "actors/command/process_tree.hpp"
#include "actors/command/supervised_command.hpp"

#include <algorithm>
#include <condition_variable>
#include <csignal>
#include <map>
#include <mutex>
#include <pthread.h>
#include <sys/wait.h>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace reflector {
namespace {

using std::chrono::milliseconds;
using clock = std::chrono::steady_clock;

constexpr std::size_t thread_stack_bytes = 256 * 1024;
/// What an earlier agent's keeper may take to end everything, and how long that is killed for.
constexpr milliseconds leftover_patience{2000}, leftover_kill_patience{1000}, look_again{5};

/// What the launcher and its threads share. The threads are detached, so it belongs to the last of
/// them.
struct running_processes {
  std::mutex mutex;
  std::condition_variable none_left;
  std::map<std::uint64_t, std::shared_ptr<launch_wishes>> wishes;  ///< one for each running launch
  std::vector<pid_t> left_behind;
  orphans fallen;

  void reap_left_behind() {
    const std::lock_guard lock{mutex};
    std::erase_if(left_behind, [](pid_t pid) { return ::waitpid(pid, nullptr, WNOHANG) != 0; });
  }
};

struct launch_job {
  std::shared_ptr<running_processes> shared;
  child_process_options options;
  std::uint64_t number = 0;
  std::shared_ptr<launch_wishes> wishes;
  process_request request;
  std::string cgroup;
  std::function<void(process_identity)> ready;
  std::function<void(process_outcome)> done;
};

void run_job(launch_job& job) {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, nullptr);
  pthread_setname_np(pthread_self(), "command");
  {
    supervised_command command{job.request, job.options, job.shared->fallen, *job.wishes,
                               job.cgroup};
    auto outcome = command.run(job.ready);
    if (command.left_behind() >= 0) {
      const std::lock_guard lock{job.shared->mutex};
      job.shared->left_behind.push_back(command.left_behind());
    }
    job.ready = nullptr;
    job.done(std::move(outcome));
    job.done = nullptr;
  }
  const std::lock_guard lock{job.shared->mutex};
  job.shared->wishes.erase(job.number);
  job.shared->none_left.notify_all();
}

void* thread_main(void* argument) {
  const std::unique_ptr<launch_job> job{static_cast<launch_job*>(argument)};
  run_job(*job);
  return nullptr;
}

/// 0, or the errno; then the job is still the caller's.
int start_thread(std::unique_ptr<launch_job>& job) {
  pthread_attr_t attributes;
  if (const int error = pthread_attr_init(&attributes)) return error;
  pthread_attr_setstacksize(&attributes, thread_stack_bytes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_t thread{};
  const int error = pthread_create(&thread, &attributes, thread_main, job.get());
  pthread_attr_destroy(&attributes);
  // The thread owns it now, and may have deleted it already.
  if (error == 0) static_cast<void>(job.release());  // NOLINT(bugprone-unused-return-value)
  return error;
}

class child_process_launcher final : public process_launcher {
 public:
  explicit child_process_launcher(child_process_options options)
      : options_{std::move(options)}, agent_{identity_of(::getpid())} {}

  ~child_process_launcher() override {
    std::unique_lock lock{shared_->mutex};
    for (auto& [number, wishes] : shared_->wishes) wishes->cancel();
    shared_->none_left.wait(lock, [&] { return shared_->wishes.empty(); });
  }

  std::uint64_t prepare(process_request request, std::function<void(process_identity)> ready,
                        std::function<void(process_outcome)> done) override {
    shared_->reap_left_behind();
    auto job = std::make_unique<launch_job>(launch_job{shared_,
                                                       options_,
                                                       0,
                                                       std::make_shared<launch_wishes>(),
                                                       std::move(request),
                                                       {},
                                                       std::move(ready),
                                                       std::move(done)});
    std::uint64_t number = 0;
    {
      const std::lock_guard lock{shared_->mutex};
      number = job->number = ++last_;
      if (options_.use_cgroup && agent_) job->cgroup = cgroup_name(*agent_, number);
      shared_->wishes.emplace(number, job->wishes);
    }
    if (const int error = start_thread(job)) {
      process_outcome outcome;
      outcome.code = error;
      outcome.wrong = "a thread to watch it: " + std::generic_category().message(error);
      job->done(std::move(outcome));
      const std::lock_guard lock{shared_->mutex};
      shared_->wishes.erase(number);
    }
    return number;
  }

  void start(std::uint64_t launch) override { tell(launch, &launch_wishes::start); }
  void cancel(std::uint64_t launch) override { tell(launch, &launch_wishes::cancel); }

  void end_leftover(const process_identity& of) override {
    if (of.pid > 1 && is_running(of)) end_keeper(of);
    if (!options_.use_cgroup) return;
    if (const auto parent = own_cgroup_folder()) remove_left_cgroups(*parent);
  }

 private:
  void tell(std::uint64_t launch, void (launch_wishes::*wish)()) {
    const std::lock_guard lock{shared_->mutex};
    const auto found = shared_->wishes.find(launch);
    if (found != shared_->wishes.end()) (*found->second.*wish)();
  }

  /// A keeper that outlived its agent is about to end all by itself; this is for one that doesn't.
  static void end_keeper(const process_identity& keeper) {
    ::kill(keeper.pid, SIGCONT);
    ::kill(keeper.pid, SIGTERM);
    const auto kill_at = clock::now() + leftover_patience;
    while (is_running(keeper)) {
      if (clock::now() >= kill_at) {
        const auto left = [&] {
          return is_running(keeper) ? std::vector{keeper.pid} : std::vector<pid_t>{};
        };
        end_trees({left, [] {}}, clock::now() + leftover_kill_patience);
        return;
      }
      std::this_thread::sleep_for(look_again);
    }
  }

  child_process_options options_;
  std::optional<process_identity> agent_;
  std::shared_ptr<running_processes> shared_ = std::make_shared<running_processes>();
  std::uint64_t last_ = 0;
};

}  // namespace

std::unique_ptr<process_launcher> make_child_process_launcher(child_process_options options) {
  return std::make_unique<child_process_launcher>(std::move(options));
}

}  // namespace reflector
