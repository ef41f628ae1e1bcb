#include "tests/faultlab/worker_pool.hpp"

#include "actors/os/unique_descriptor.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <optional>
#include <poll.h>
#include <stdexcept>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace reflector::faultlab {
namespace {

using steady = std::chrono::steady_clock;

constexpr std::chrono::seconds time_to_clean_up{20};
constexpr int poll_ms = 100;
constexpr std::size_t longest_line = 4096;

struct running {
  std::size_t index;
  pid_t pid;
  unique_descriptor output;
  std::string pending;
  steady::time_point began, limit;
  std::optional<steady::time_point> killed_at;
  bool overdue = false;
};

running launch(const worker& wanted, std::size_t index) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
    throw std::runtime_error(std::string{"pipe: "} + std::strerror(errno));
  unique_descriptor read_end{ends[0]}, write_end{ends[1]};
  std::vector<std::string> words = wanted.words;
  std::vector<char*> pointers;
  for (auto& each : words) pointers.push_back(each.data());
  pointers.push_back(nullptr);
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid < 0) throw std::runtime_error(std::string{"fork: "} + std::strerror(errno));
  if (pid == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    // A group of its own: a Ctrl-C reaches it through this program, which waits for its cleaning
    // up.
    if (::getppid() != parent || ::setpgid(0, 0) != 0 || ::dup2(ends[1], 1) < 0) ::_exit(126);
    ::execv(pointers[0], pointers.data());
    ::_exit(127);
  }
  const auto now = steady::now();
  return {index, pid, std::move(read_end), {}, now, now + wanted.limit, {}, false};
}

void take_lines(running& each, const worker_pool::line_handler& on_line) {
  char buffer[4096];
  ssize_t count = 0;
  while ((count = ::read(each.output.get(), buffer, sizeof buffer)) > 0) {
    each.pending.append(buffer, static_cast<std::size_t>(count));
    for (auto end = each.pending.find('\n'); end != std::string::npos;
         end = each.pending.find('\n')) {
      on_line(each.index, each.pending.substr(0, end));
      each.pending.erase(0, end + 1);
    }
    if (each.pending.size() > longest_line) each.pending.clear();
  }
}

void end_it(running& each) {
  if (each.killed_at) {
    if (steady::now() > *each.killed_at + time_to_clean_up) ::kill(each.pid, SIGKILL);
    return;
  }
  each.killed_at = steady::now();
  ::kill(each.pid, SIGTERM);
}

}  // namespace

bool worker_pool::run(const line_handler& on_line, const end_handler& on_end,
                      const std::function<bool()>& stop) {
  std::vector<std::size_t> waiting(workers_.size());
  for (std::size_t i = 0; i < waiting.size(); ++i) waiting[i] = i;
  std::stable_partition(waiting.begin(), waiting.end(),
                        [&](std::size_t i) { return !workers_[i].alone; });
  std::vector<running> now;
  bool stopped = false;
  while (!now.empty() || (!stopped && !waiting.empty())) {
    stopped = stopped || stop();
    while (!stopped && !waiting.empty()) {
      const auto& next = workers_[waiting.front()];
      const bool one_is_alone = !now.empty() && workers_[now.front().index].alone;
      if (one_is_alone || now.size() >= (next.alone ? 1 : side_by_side_)) break;
      now.push_back(launch(next, waiting.front()));
      waiting.erase(waiting.begin());
    }
    std::vector<pollfd> polled;
    for (const auto& each : now) polled.push_back({each.output.get(), POLLIN, 0});
    ::poll(polled.data(), polled.size(), poll_ms);
    for (auto each = now.begin(); each != now.end();) {
      take_lines(*each, on_line);
      if (!each->killed_at && steady::now() > each->limit) each->overdue = true;
      if (stopped || each->overdue) end_it(*each);
      int status = 0;
      if (::waitpid(each->pid, &status, WNOHANG) != each->pid) {
        ++each;
        continue;
      }
      take_lines(*each, on_line);
      on_end({each->index, WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status),
              each->overdue, std::chrono::duration<double>(steady::now() - each->began).count()});
      each = now.erase(each);
    }
  }
  return !stopped;
}

}  // namespace reflector::faultlab
