#include "actors/command/command_keeper.hpp"

#include "actors/command/command_cgroup.hpp"
#include "actors/command/first_process.hpp"
#include "actors/command/keeper_protocol.hpp"
#include "actors/command/process_tree.hpp"
#include "actors/command/user_account.hpp"
#include "actors/os/send_record.hpp"
#include "actors/os/unique_descriptor.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <optional>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>

namespace reflector {
namespace {

using clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr int agent = STDIN_FILENO;
constexpr int exit_nothing_left = 0, exit_something_left = 1;

void report(keeper_report::kind what, std::uint64_t value, std::string_view text = {}) {
  // Where the agent is gone its end of the socket says so.
  (void)send_record(agent, keeper_report{what, value}, text.substr(0, max_report_text_bytes));
}

/// Nothing at the end of the socket.
std::optional<std::size_t> receive(void* into, std::size_t size) {
  for (;;) {
    const auto got = ::recv(agent, into, size, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return std::nullopt;
    return static_cast<std::size_t>(got);
  }
}

std::optional<keeper_order> receive_order() {
  std::uint64_t size = 0;
  if (receive(&size, sizeof size) != sizeof size || size > max_order_bytes) return std::nullopt;
  std::string bytes(static_cast<std::size_t>(size), '\0');
  for (std::size_t filled = 0; filled < bytes.size();) {
    const auto got = receive(bytes.data() + filled, bytes.size() - filled);
    if (!got) return std::nullopt;
    filled += *got;
  }
  auto order = decode_order(bytes);
  if (!order) return std::nullopt;
  return std::move(*order);
}

unique_descriptor watched_signals() {
  sigset_t wanted;
  sigemptyset(&wanted);
  sigaddset(&wanted, SIGCHLD);
  sigaddset(&wanted, SIGTERM);
  return unique_descriptor{::signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK)};
}

class keeper {
 public:
  explicit keeper(keeper_order order) : order_{std::move(order)} {}

  /// @return the exit code
  int run() {
    if (!get_ready() || !is_told_to_start() || !start()) return exit_nothing_left;
    return watch() ? exit_nothing_left : exit_something_left;
  }

 private:
  bool get_ready() {
    const auto self = identity_of(::getpid());
    if (!self) return fails(EIO, "a command's keeper can't read /proc");
    if (::prctl(PR_SET_CHILD_SUBREAPER, 1) != 0) return fails(errno, "becoming a subreaper");
    if (!signals_.is_open()) return fails(errno, "a descriptor for signals");
    if (!order_.user.empty()) {
      auto found = find_user(order_.user);
      if (!found) return fails(EINVAL, found.error().text);
      account_ = std::move(*found);
    }
    if (const auto parent = own_cgroup_folder(); parent && !order_.cgroup.empty()) {
      remove_left_cgroups(*parent);
      if (auto made = command_cgroup::make(*parent, order_.cgroup, order_.limits))
        cgroup_.emplace(std::move(*made));
    }
    report(keeper_report::kind::ready, self->start_ticks);
    return true;
  }

  static bool fails(int error, std::string_view wrong) {
    report(keeper_report::kind::failed, static_cast<std::uint64_t>(error), wrong);
    return false;
  }

  bool is_told_to_start() {
    for (;;) {
      wait(-1);
      take_signals();
      if (told_to_end_) return false;
      if ((ready_[0].revents & (POLLIN | POLLHUP | POLLERR)) == 0) continue;
      keeper_request said{};
      return receive(&said, sizeof said) == sizeof said && said.what == keeper_request::kind::start;
    }
  }

  bool start() {
    const auto first = start_first_process(order_, account_ ? &*account_ : nullptr,
                                           cgroup_ ? cgroup_->members() : -1);
    if (first.error != 0) return fails(first.error, first.wrong);
    first_ = first.pid;
    report(keeper_report::kind::started, static_cast<std::uint64_t>(first.pid));
    // The agent is to see the end of the command's output.
    const unique_descriptor null{::open("/dev/null", O_WRONLY | O_CLOEXEC)};
    for (const int stream : {STDOUT_FILENO, STDERR_FILENO})
      if (!null.is_open() || ::dup2(null.get(), stream) < 0) ::close(stream);
    return true;
  }

  /// @return whether nothing is left
  bool watch() {
    for (;;) {
      reap();
      if (nothing_left_) return true;
      if (kill_at_ && clock::now() >= *kill_at_) return kill_all();
      wait(kill_at_ ? static_cast<int>(std::max<milliseconds::rep>(
                          std::chrono::ceil<milliseconds>(*kill_at_ - clock::now()).count(), 0))
                    : -1);
      take_signals();
      if (told_to_end_) begin_end(order_.end_grace);
      if (!agent_gone_ && ready_[0].revents != 0) take_request();
    }
  }

  void take_request() {
    keeper_request said{};
    const auto got = receive(&said, sizeof said);
    if (!got) {
      agent_gone_ = true;
      begin_end(order_.end_grace);
    } else if (got == sizeof said && said.what == keeper_request::kind::end) {
      begin_end(milliseconds{said.grace});
    }
  }

  /// A second one may only hasten the end.
  void begin_end(milliseconds grace) {
    const auto at = clock::now() + grace;
    if (!kill_at_) signal_trees(children_of(::getpid()), SIGTERM);
    kill_at_ = kill_at_ ? std::min(*kill_at_, at) : at;
  }

  bool kill_all() {
    if (cgroup_) cgroup_->kill();
    return end_trees({[] { return children_of(::getpid()); }, [this] { reap(); }},
                     clock::now() + order_.kill_patience);
  }

  void reap() {
    for (;;) {
      siginfo_t info{};
      if (::waitid(P_ALL, 0, &info, WEXITED | WNOHANG) != 0) {
        if (errno == EINTR) continue;
        nothing_left_ = errno == ECHILD;
        return;
      }
      if (info.si_pid == 0) return;
      if (info.si_pid != first_) continue;
      report(
          info.si_code == CLD_EXITED ? keeper_report::kind::exited : keeper_report::kind::signalled,
          static_cast<std::uint64_t>(info.si_status));
    }
  }

  void wait(int patience) {
    ready_ = {pollfd{agent_gone_ ? -1 : agent, POLLIN, 0}, pollfd{signals_.get(), POLLIN, 0}};
    ::poll(ready_.data(), ready_.size(), patience);
  }

  void take_signals() {
    signalfd_siginfo said{};
    while (::read(signals_.get(), &said, sizeof said) == static_cast<ssize_t>(sizeof said))
      if (said.ssi_signo == SIGTERM) told_to_end_ = true;
  }

  keeper_order order_;
  unique_descriptor signals_ = watched_signals();
  std::optional<user_account> account_;
  std::optional<command_cgroup> cgroup_;
  std::array<pollfd, 2> ready_{};
  pid_t first_ = -1;
  std::optional<clock::time_point> kill_at_;
  bool told_to_end_ = false, agent_gone_ = false, nothing_left_ = false;
};

}  // namespace

void keep_command() {
  sigset_t all;
  sigfillset(&all);
  ::sigprocmask(SIG_SETMASK, &all, nullptr);
  ::prctl(PR_SET_NAME, "command-keeper");
  // A command of the same user must not read its memory or environment, nor trace it.
  ::prctl(PR_SET_DUMPABLE, 0);
  int code = exit_something_left;
  if (::chdir("/") == 0)
    if (auto order = receive_order()) code = keeper{std::move(*order)}.run();
  std::_Exit(code);
}

}  // namespace reflector
