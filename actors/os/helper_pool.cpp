#include "actors/os/helper_pool.hpp"

#include "actors/os/helper_protocol.hpp"
#include "actors/os/own_children.hpp"
#include "actors/os/send_record.hpp"
#include "actors/os/spawn_own_binary.hpp"
#include "actors/os/system_fault.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>

namespace reflector {

namespace {

constexpr std::chrono::seconds start_pause{10};

/// @return an errno, or 0
int spawn_helper(pid_t& pid, int socket, const std::vector<std::string>& arguments) {
  spawn_plan plan;
  plan.duplicate(socket, STDIN_FILENO);
  for (const int stream : {STDOUT_FILENO, STDERR_FILENO}) plan.open_null(stream, O_WRONLY);
  plan.close_others();
  return spawn_own_binary(pid, plan, arguments);
}

}  // namespace

helper_pool::helper_pool(std::vector<std::string> arguments, std::size_t most)
    : arguments_{std::move(arguments)}, most_{most} {}

helper_pool::~helper_pool() {
  for (const auto& [pid, each] : helpers_) ::kill(pid, SIGKILL);
  reap();
  for (const auto& [pid, each] : helpers_) own_children::of_this_process().forget(pid);
}

result<void> helper_pool::open_socket() {
  if (own_end_.is_open()) return {};
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0)
    return tl::unexpected<fault>{system_fault(errno, "a socket pair for helper processes")};
  own_end_ = unique_descriptor{ends[0]};
  helpers_end_ = unique_descriptor{ends[1]};
  return {};
}

result<void> helper_pool::put(std::uint64_t number, std::string_view question) {
  if (question.size() > max_question_bytes)
    return failure(fault_code::too_large, "a question of more than 4096 bytes");
  if (auto opened = open_socket(); !opened) return opened;
  if (const int error = send_record(own_end_.get(), number, question, MSG_DONTWAIT); error != 0)
    return tl::unexpected<fault>{system_fault(error, "a question to a helper process")};
  queued_.insert(number);
  return {};
}

std::vector<helper_pool::event> helper_pool::collect(monotonic_time now, std::size_t spare) {
  std::vector<event> events;
  if (!own_end_.is_open()) return events;
  // In this order: what a helper said before its end still counts.
  const auto ended = reap();
  receive(events);
  for (const pid_t pid : ended) bury(pid, now, events);
  start_missing(now);
  end_spare(spare);
  return events;
}

std::vector<pid_t> helper_pool::reap() const {
  std::vector<pid_t> ended;
  for (const auto& [pid, each] : helpers_)
    if (::waitpid(pid, nullptr, WNOHANG) != 0) ended.push_back(pid);
  for (const pid_t pid : ended) own_children::of_this_process().forget(pid);
  return ended;
}

void helper_pool::receive(std::vector<event>& events) {
  // Mostly there is nothing, and then no buffer is needed.
  while (::recv(own_end_.get(), nullptr, 0, MSG_PEEK | MSG_DONTWAIT) >= 0) {
    buffer_.resize(sizeof(helper_message) + max_answer_bytes);
    const auto length = ::recv(own_end_.get(), buffer_.data(), buffer_.size(), MSG_DONTWAIT);
    if (length < 0 && errno == EINTR) continue;
    if (length < static_cast<ssize_t>(sizeof(helper_message))) break;
    helper_message message{};
    std::memcpy(&message, buffer_.data(), sizeof message);
    const auto from = helpers_.find(message.pid);
    if (from == helpers_.end()) continue;
    from->second.has_spoken = true;
    start_fault_.reset();
    if (message.what == helper_message::kind::begun) {
      queued_.erase(message.number);
      from->second.question = message.number;
      events.push_back({event::kind::begun, message.number, {}});
    } else {
      from->second.question.reset();
      events.push_back(
          {event::kind::answered, message.number,
           buffer_.substr(sizeof message, static_cast<std::size_t>(length) - sizeof message)});
    }
  }
  buffer_.clear();
  buffer_.shrink_to_fit();
}

void helper_pool::bury(pid_t pid, monotonic_time now, std::vector<event>& events) {
  const auto found = helpers_.find(pid);
  const helper dead = found->second;
  helpers_.erase(found);
  if (dead.question) {
    events.push_back({event::kind::lost, *dead.question, {}});
  } else if (told_to_end_ > 0) {
    --told_to_end_;
    return;
  } else {
    // It may have taken a question and not got to say so. One that is still there is answered under
    // a number that nobody waits for.
    for (const auto number : queued_) events.push_back({event::kind::lost, number, {}});
    queued_.clear();
  }
  if (dead.has_spoken) return;
  start_fault_ = fault{fault_code::io, arguments_[0] + ": ended as soon as it was started"};
  no_start_before_ = now + start_pause;
}

std::size_t helper_pool::idle() const {
  const auto at_no_question = std::ranges::count_if(
      helpers_, [](const auto& each) { return !each.second.question.has_value(); });
  return static_cast<std::size_t>(at_no_question) -
         std::min<std::size_t>(static_cast<std::size_t>(at_no_question), told_to_end_);
}

void helper_pool::start_missing(monotonic_time now) {
  if (queued_.empty() || idle() > 0 || (no_start_before_ && now < *no_start_before_)) return;
  // The first may well answer all of them; where it hangs, each of the rest may hang too.
  const auto wanted = helpers_.empty() ? 1 : queued_.size();
  const auto missing = std::min(wanted, most_ - std::min(most_, helpers_.size()));
  for (std::size_t i = 0; i < missing; ++i) {
    if (const auto started = start(); !started) {
      start_fault_ = started.error();
      no_start_before_ = now + start_pause;
      return;
    }
  }
}

result<void> helper_pool::start() {
  // Where the agent has no standard streams, a descriptor of its own could be one of them, and
  // adddup2 onto itself would leave it closed at the exec.
  const unique_descriptor socket{::fcntl(helpers_end_.get(), F_DUPFD_CLOEXEC, STDERR_FILENO + 1)};
  if (!socket.is_open()) return tl::unexpected<fault>{system_fault(errno, arguments_[0])};
  pid_t pid = -1;
  if (const int error = spawn_helper(pid, socket.get(), arguments_); error != 0)
    return tl::unexpected<fault>{system_fault(error, arguments_[0])};
  helpers_[pid];
  return {};
}

void helper_pool::end_spare(std::size_t spare) {
  if (!queued_.empty()) return;
  for (auto left = idle(); left > spare; --left) {
    if (::send(own_end_.get(), "", 0, MSG_DONTWAIT | MSG_NOSIGNAL) < 0) return;
    ++told_to_end_;
  }
}

void helper_pool::end(std::uint64_t number) {
  for (const auto& [pid, each] : helpers_)
    if (each.question == number) ::kill(pid, SIGKILL);
}

}  // namespace reflector
