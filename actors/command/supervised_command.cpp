#include "actors/command/supervised_command.hpp"

#include "actors/command/command_cgroup.hpp"
#include "actors/os/own_children.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <system_error>
#include <thread>
#include <utility>

namespace reflector {
namespace {

using std::chrono::milliseconds;
using ending = process_outcome::ending;

/// Twice what a pipe holds, and as much as root can have it hold.
constexpr std::size_t at_a_time = 128 * 1024, most_in_a_pipe = 32 * 1024 * 1024;
/// For a keeper to say that it is done with what it was to end, before it is killed.
constexpr milliseconds keeper_margin{500};
constexpr milliseconds look_again{1}, burial_patience{500};

bool has_nul(const std::string& text) {
  return text.find('\0') != std::string::npos;
}

}  // namespace

launch_wishes::launch_wishes() : event_{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)} {}

void launch_wishes::set(std::atomic<bool>& wish) {
  wish.store(true);
  const std::uint64_t one = 1;
  (void)!::write(event_.get(), &one, sizeof one);
}

void launch_wishes::take_note() const {
  std::uint64_t count = 0;
  (void)!::read(event_.get(), &count, sizeof count);
}

void output_pipe::read_some(std::size_t most) {
  std::array<char, 32 * 1024> buffer;
  for (std::size_t done = 0; done < most && is_open();) {
    const auto count = ::read(fd_.get(), buffer.data(), buffer.size());
    if (count > 0) {
      record_.append({buffer.data(), static_cast<std::size_t>(count)});
      done += static_cast<std::size_t>(count);
    } else if (count < 0 && errno == EINTR) {
      continue;
    } else if (count < 0 && errno == EAGAIN) {
      return;
    } else {
      fd_.reset();
    }
  }
}

supervised_command::supervised_command(const process_request& request,
                                       const child_process_options& options, const orphans& fallen,
                                       launch_wishes& wishes, std::string cgroup)
    : request_{request},
      options_{options},
      fallen_{fallen},
      wishes_{wishes},
      cgroup_{std::move(cgroup)} {}

process_outcome supervised_command::run(const std::function<void(process_identity)>& ready) {
  if (auto wrong = refused()) return *wrong;
  if (!spawn()) return outcome_;
  watch(ready);
  bury_keeper();
  drain_pipes();
  conclude();
  return std::move(outcome_);
}

/// What would not come out at the other end as it went in.
std::optional<process_outcome> supervised_command::refused() const {
  process_outcome outcome;
  if (request_.argv.empty() || request_.argv[0].empty()) {
    outcome.code = ENOENT;
    return outcome;
  }
  if (std::ranges::any_of(request_.argv, has_nul) ||
      std::ranges::any_of(request_.environment, has_nul) || has_nul(request_.working_directory) ||
      has_nul(request_.user)) {
    outcome.code = EINVAL;
    outcome.wrong = "a NUL byte in a word, a variable or a name";
    return outcome;
  }
  return std::nullopt;
}

bool supervised_command::spawn() {
  keeper_order order{request_.argv, request_.environment,  request_.working_directory,
                     request_.user, request_.limits,       request_.no_new_privileges,
                     cgroup_,       options_.cancel_grace, options_.kill_patience};
  order_.emplace(order);
  if (order_->is_too_large()) {
    outcome_.code = E2BIG;
    return false;
  }
  if (wishes_.descriptor() < 0) {
    outcome_.code = EMFILE;
    outcome_.wrong = "no descriptor is left";
    return false;
  }
  keeper_ = start_keeper(options_.keeper);
  if (keeper_.error != 0) {
    outcome_.code = keeper_.error;
    outcome_.wrong = "its keeper: " + std::generic_category().message(keeper_.error);
    return false;
  }
  identity_.pid = keeper_.pid;
  output_.emplace(std::move(keeper_.output), request_.max_output_bytes);
  errors_.emplace(std::move(keeper_.errors), request_.max_output_bytes);
  deadline_ = clock::now() + options_.ready_patience;
  return true;
}

/// Until the keeper is gone or must be killed.
void supervised_command::watch(const std::function<void(process_identity)>& ready) {
  while (obey_wishes()) {
    if (clock::now() >= deadline_) {
      is_overdue_ = phase_ == phase::preparing || phase_ == phase::ending;
      if (is_overdue_) return;
      obey_clock();
    }
    if (!order_->is_sent()) order_->send_some(keeper_.socket.get());
    wait();
    output_->read_some(at_a_time);
    errors_->read_some(at_a_time);
    if (!hear(ready)) return;
  }
}

/// @return whether to go on
bool supervised_command::obey_wishes() {
  wishes_.take_note();
  if (phase_ == phase::ready && wishes_.is_started() && !wishes_.is_cancelled()) {
    // Before it can start, so that it never seems to have taken less time than it did.
    started_ = clock::now();
    tell_keeper(keeper_.socket.get(), {keeper_request::kind::start, 0});
    phase_ = phase::running;
    deadline_ = started_ + request_.timeout;
  }
  if (!wishes_.is_cancelled() || phase_ == phase::ending) return true;
  if (!is_decided_) {
    is_decided_ = true;
    outcome_.how = ending::cancelled;
  }
  if (phase_ == phase::preparing || phase_ == phase::ready) {
    // It runs nothing and exits.
    keeper_.socket.reset();
    return false;
  }
  end_all(options_.cancel_grace);
  return true;
}

void supervised_command::obey_clock() {
  if (phase_ == phase::running) {
    is_decided_ = true;
    outcome_.how = ending::timed_out;
    end_all(options_.timeout_grace);
  } else {
    end_all(options_.cancel_grace);
  }
}

void supervised_command::end_all(milliseconds grace) {
  phase_ = phase::ending;
  // What it keeps may have stopped it.
  ::kill(keeper_.pid, SIGCONT);
  tell_keeper(keeper_.socket.get(),
              {keeper_request::kind::end, static_cast<std::uint32_t>(grace.count())});
  deadline_ = clock::now() + grace + options_.kill_patience + keeper_margin;
}

void supervised_command::wait() {
  const bool sends = !order_->is_sent();
  std::array<pollfd, 4> watched{
      pollfd{keeper_.socket.get(), static_cast<short>(sends ? POLLIN | POLLOUT : POLLIN), 0},
      pollfd{output_->descriptor(), POLLIN, 0}, pollfd{errors_->descriptor(), POLLIN, 0},
      pollfd{wishes_.descriptor(), POLLIN, 0}};
  const auto patience = std::clamp(std::chrono::ceil<milliseconds>(deadline_ - clock::now()),
                                   milliseconds{0}, milliseconds{60'000});
  ::poll(watched.data(), watched.size(), static_cast<int>(patience.count()));
}

/// @return whether the keeper is still there
bool supervised_command::hear(const std::function<void(process_identity)>& ready) {
  for (;;) {
    const auto heard = hear_keeper(keeper_.socket.get());
    if (std::holds_alternative<keeper_gone>(heard)) return false;
    const auto* const word = std::get_if<keeper_word>(&heard);
    if (word == nullptr) return true;
    note(*word, ready);
  }
}

void supervised_command::note(const keeper_word& word,
                              const std::function<void(process_identity)>& ready) {
  using kind = keeper_report::kind;
  const auto code = static_cast<int>(word.said.value);
  switch (word.said.what) {
    case kind::ready:
      if (phase_ != phase::preparing) return;
      identity_.start_ticks = word.said.value;
      phase_ = phase::ready;
      deadline_ = clock::time_point::max();
      ready(identity_);
      return;
    case kind::started:
      session_ = code;
      return;
    case kind::failed:
      if (is_decided_) return;
      is_decided_ = true;
      outcome_.code = code;
      outcome_.wrong = word.text;
      return;
    case kind::exited:
    case kind::signalled:
      if (is_decided_ || phase_ != phase::running) return;
      is_decided_ = true;
      ended_ = clock::now();
      outcome_.how = word.said.what == kind::exited ? ending::exited : ending::signalled;
      outcome_.code = code;
      phase_ = phase::draining;
      deadline_ = ended_ + options_.drain;
      return;
  }
}

/// It has exited or is killed now, and with it what it could not keep from outliving it.
void supervised_command::bury_keeper() {
  keeper_.socket.reset();
  const auto [was_reaped, how, code] = reap_keeper();
  const bool has_exited = was_reaped && how == CLD_EXITED;
  if (has_exited && code == 0 && is_decided_) return;
  const bool was_started = phase_ != phase::preparing && phase_ != phase::ready;
  if (!cgroup_.empty())
    if (const auto parent = own_cgroup_folder()) end_cgroup(*parent + '/' + cgroup_);
  if (was_started) fallen_.end_those_of(identity_, session_, clock::now() + options_.kill_patience);
  if (is_decided_) return;
  if (!was_started) {
    outcome_.code = is_overdue_ ? ETIMEDOUT : EIO;
    outcome_.wrong =
        is_overdue_ ? "its keeper was not ready in time" : "its keeper ended before the start";
    return;
  }
  outcome_.how = ending::signalled;
  outcome_.code = was_reaped && !has_exited ? code : SIGKILL;
  outcome_.wrong = "its keeper was killed; what it had started was ended";
}

/// SIGKILL for one that is overdue, or doesn't end soon.
supervised_command::burial supervised_command::reap_keeper() {
  auto kill_at = clock::now() + (is_overdue_ ? milliseconds{0} : burial_patience);
  const auto give_up_at = kill_at + options_.kill_patience;
  for (;;) {
    siginfo_t info{};
    const bool failed =
        ::waitid(P_PID, static_cast<id_t>(keeper_.pid), &info, WEXITED | WNOHANG) != 0;
    if ((failed && errno != EINTR) || info.si_pid == keeper_.pid) {
      own_children::of_this_process().forget(keeper_.pid);
      return {!failed, info.si_code, info.si_status};
    }
    const auto now = clock::now();
    if (now >= give_up_at) {
      left_behind_ = keeper_.pid;
      return {false, 0, 0};
    }
    if (now >= kill_at) {
      ::kill(keeper_.pid, SIGKILL);
      kill_at = give_up_at;
    }
    std::this_thread::sleep_for(look_again);
  }
}

/// What was written before the end is still in the pipes.
void supervised_command::drain_pipes() {
  output_->read_some(most_in_a_pipe);
  errors_->read_some(most_in_a_pipe);
}

void supervised_command::conclude() {
  const auto now = clock::now();
  if (phase_ != phase::preparing && phase_ != phase::ready) {
    const auto until = ended_ == clock::time_point{} ? now : ended_;
    outcome_.elapsed = std::chrono::duration_cast<milliseconds>(until - started_);
  }
  outcome_.output = output_->take();
  outcome_.errors = errors_->take();
}

}  // namespace reflector
