#include "actors/command/child_process.hpp"

#include "actors/command/output_tail.hpp"
#include "actors/command/spawn_process.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <map>
#include <mutex>
#include <optional>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <utility>
#include <vector>

namespace reflector {
namespace {

using std::chrono::milliseconds;
using clock = std::chrono::steady_clock;

constexpr std::size_t thread_stack_bytes = 256 * 1024;
constexpr milliseconds no_pidfd_period{20};

/// Set once, from any thread; wakes the thread that watches it.
class cancel_signal {
 public:
  int descriptor() const { return event_.get(); }
  void set() {
    set_.store(true);
    const std::uint64_t one = 1;
    // Fails only where the descriptor could not be made; then the flag is seen at the next look.
    [[maybe_unused]] const auto written = ::write(event_.get(), &one, sizeof one);
  }
  bool is_set() const { return set_.load(); }

 private:
  unique_descriptor event_{eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
  std::atomic<bool> set_{false};
};

/// One stream of a process: read until it ends, remembered as its tail.
class output_pipe {
 public:
  output_pipe(unique_descriptor fd, std::size_t keep) : fd_{std::move(fd)}, tail_{keep} {}

  bool open() const { return fd_.get() >= 0; }
  int descriptor() const { return fd_.get(); }

  /// Twice what a pipe holds at most, so that an endless writer can't keep its own time-out from
  /// being seen.
  void read_some() {
    std::array<char, 16 * 1024> buffer;
    for (int n = 0; n < 8 && open(); ++n) {
      const auto count = ::read(fd_.get(), buffer.data(), buffer.size());
      if (count > 0) {
        tail_.append({buffer.data(), static_cast<std::size_t>(count)});
      } else if (count < 0 && errno == EINTR) {
        continue;
      } else if (count < 0 && errno == EAGAIN) {
        return;
      } else {
        fd_.reset();
      }
    }
  }

  output_tail& tail() { return tail_; }

 private:
  unique_descriptor fd_;
  output_tail tail_;
};

/// From the start of a process to its outcome.
class supervised_process {
 public:
  supervised_process(const process_request& request, const child_process_options& options,
                     cancel_signal& cancel)
      : request_{request}, options_{options}, cancel_{cancel} {}

  process_outcome run() {
    process_outcome outcome;
    auto process = spawn_process(request_.argv);
    if (process.error != 0) {
      outcome.code = process.error;
      return outcome;
    }
    pid_ = process.pid;
    output_.emplace(std::move(process.standard_output), request_.max_output_bytes);
    errors_.emplace(std::move(process.standard_error), request_.max_output_bytes);
    if (options_.use_pidfd) {
      pidfd_ = unique_descriptor{static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0))};
    }
    watch();
    // What the process wrote just before it ended is still in the pipes.
    output_->read_some();
    errors_->read_some();
    conclude(outcome);
    return outcome;
  }

  /// The process when SIGKILL did not end it in time: somebody has to reap it later. Else -1.
  pid_t left_behind() const { return left_behind_; }

 private:
  enum class phase { running, asked_to_end, killed };

  /// Returns when the process ended and its output with it, or when waiting longer would be wrong.
  /// The process is not reaped yet, so its number still names its group and no other.
  void watch() {
    auto next = started_ + request_.timeout;
    std::optional<clock::time_point> drained_by;
    while (true) {
      if (!ended_ && has_ended()) {
        ended_ = true;
        if (phase_ == phase::running) drained_by = clock::now() + options_.drain;
      }
      const bool silent = !output_->open() && !errors_->open();
      const auto now = clock::now();
      if (ended_ && (silent || phase_ == phase::killed)) break;
      if (drained_by && (now >= *drained_by || cancel_.is_set())) break;
      if (!drained_by) {
        if (phase_ == phase::running && (cancel_.is_set() || now >= next)) {
          cause_ = cancel_.is_set() ? process_outcome::ending::cancelled
                                    : process_outcome::ending::timed_out;
          phase_ = phase::asked_to_end;
          signal_group(SIGTERM);
          next = now + (cancel_.is_set() ? options_.cancel_grace : options_.timeout_grace);
        } else if (phase_ == phase::asked_to_end && now >= next) {
          phase_ = phase::killed;
          signal_group(SIGKILL);
          next = now + options_.kill_patience;
        } else if (phase_ == phase::killed && now >= next) {
          return;
        }
      }
      wait_until(drained_by ? *drained_by : next);
    }
    // The process itself obeyed; what it started may not have.
    if (phase_ == phase::asked_to_end) signal_group(SIGKILL);
  }

  void wait_until(clock::time_point until) {
    std::array<pollfd, 4> watched{pollfd{output_->descriptor(), POLLIN, 0},
                                  pollfd{errors_->descriptor(), POLLIN, 0},
                                  pollfd{ended_ ? -1 : pidfd_.get(), POLLIN, 0},
                                  // Once it is set it stays readable.
                                  pollfd{cancel_.is_set() ? -1 : cancel_.descriptor(), POLLIN, 0}};
    auto wait = std::chrono::ceil<milliseconds>(until - clock::now());
    if (!ended_ && pidfd_.get() < 0) wait = std::min(wait, no_pidfd_period);
    wait = std::clamp(wait, milliseconds{0}, milliseconds{60'000});
    if (::poll(watched.data(), watched.size(), static_cast<int>(wait.count())) <= 0) return;
    if (watched[0].revents != 0) output_->read_some();
    if (watched[1].revents != 0) errors_->read_some();
  }

  bool has_ended() {
    siginfo_t info{};
    const int error = ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT);
    return error != 0 ? errno != EINTR : info.si_pid == pid_;
  }

  void signal_group(int number) const { ::kill(-pid_, number); }

  void conclude(process_outcome& outcome) {
    siginfo_t info{};
    int error = 0;
    if (ended_) {
      while ((error = ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED)) != 0 &&
             errno == EINTR) {
      }
    } else {
      left_behind_ = pid_;
    }
    if (phase_ != phase::running) {
      outcome.how = cause_;
    } else if (error != 0) {
      outcome.code = errno;  // somebody else reaped it
    } else {
      outcome.how = info.si_code == CLD_EXITED ? process_outcome::ending::exited
                                               : process_outcome::ending::signalled;
      outcome.code = info.si_status;
    }
    outcome.elapsed = std::chrono::duration_cast<milliseconds>(clock::now() - started_);
    outcome.output_bytes = output_->tail().total();
    outcome.error_bytes = errors_->tail().total();
    outcome.standard_output = output_->tail().take();
    outcome.standard_error = errors_->tail().take();
  }

  const process_request& request_;
  const child_process_options& options_;
  cancel_signal& cancel_;
  const clock::time_point started_ = clock::now();
  pid_t pid_ = -1;
  unique_descriptor pidfd_;
  std::optional<output_pipe> output_, errors_;
  phase phase_ = phase::running;
  process_outcome::ending cause_ = process_outcome::ending::timed_out;
  bool ended_ = false;
  pid_t left_behind_ = -1;
};

/// What the launcher and its threads share. The threads are detached, so it belongs to the last of
/// them.
struct running_processes {
  std::mutex mutex;
  std::condition_variable none_left;
  std::map<std::uint64_t, std::shared_ptr<cancel_signal>> cancels;  ///< one for each running launch
  std::vector<pid_t> left_behind;

  void reap_left_behind() {
    const std::lock_guard lock{mutex};
    std::erase_if(left_behind, [](pid_t pid) { return ::waitpid(pid, nullptr, WNOHANG) != 0; });
  }
};

struct launch_job {
  std::shared_ptr<running_processes> shared;
  child_process_options options;
  std::uint64_t number = 0;
  std::shared_ptr<cancel_signal> cancel;
  process_request request;
  std::function<void(process_outcome)> done;
};

void run_job(launch_job& job) {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, nullptr);
  pthread_setname_np(pthread_self(), "command");
  {
    supervised_process process{job.request, job.options, *job.cancel};
    auto outcome = process.run();
    if (process.left_behind() >= 0) {
      const std::lock_guard lock{job.shared->mutex};
      job.shared->left_behind.push_back(process.left_behind());
    }
    job.done(std::move(outcome));
    job.done = nullptr;
  }
  const std::lock_guard lock{job.shared->mutex};
  job.shared->cancels.erase(job.number);
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
  explicit child_process_launcher(child_process_options options) : options_{options} {}

  ~child_process_launcher() override {
    std::unique_lock lock{shared_->mutex};
    for (auto& [number, cancel] : shared_->cancels) cancel->set();
    shared_->none_left.wait(lock, [&] { return shared_->cancels.empty(); });
  }

  std::uint64_t launch(process_request request,
                       std::function<void(process_outcome)> done) override {
    shared_->reap_left_behind();
    auto job = std::make_unique<launch_job>(launch_job{shared_, options_, 0,
                                                       std::make_shared<cancel_signal>(),
                                                       std::move(request), std::move(done)});
    std::uint64_t number = 0;
    {
      const std::lock_guard lock{shared_->mutex};
      number = job->number = ++last_;
      shared_->cancels.emplace(number, job->cancel);
    }
    if (const int error = start_thread(job)) {
      process_outcome outcome;
      outcome.code = error;
      job->done(std::move(outcome));
      const std::lock_guard lock{shared_->mutex};
      shared_->cancels.erase(number);
    }
    return number;
  }

  void cancel(std::uint64_t launch) override {
    const std::lock_guard lock{shared_->mutex};
    const auto found = shared_->cancels.find(launch);
    if (found != shared_->cancels.end()) found->second->set();
  }

 private:
  child_process_options options_;
  std::shared_ptr<running_processes> shared_ = std::make_shared<running_processes>();
  std::uint64_t last_ = 0;
};

}  // namespace

std::unique_ptr<process_launcher> make_child_process_launcher(child_process_options options) {
  return std::make_unique<child_process_launcher>(options);
}

}  // namespace reflector
