#include "tests/faultlab/lab_agent.hpp"

#include "tests/faultlab/process_sizes.hpp"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace reflector::faultlab {
namespace {

constexpr double restart_pause_s = 1;
constexpr double look_pause_s = 0.5;
constexpr std::chrono::seconds longest_kill{5};

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> list;
  for (auto& each : texts) list.push_back(each.data());
  list.push_back(nullptr);
  return list;
}

/// In the child, between fork and exec: nothing that allocates.
[[noreturn]] void become(char* const* words, char* const* environment, const char* folder,
                         int output, pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(126);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  const int nothing = ::open("/dev/null", O_RDONLY);
  if (::dup2(nothing, 0) < 0 || ::dup2(output, 1) < 0 || ::dup2(output, 2) < 0 ||
      ::chdir(folder) != 0 || ::setsid() < 0)
    ::_exit(126);
  ::execve(words[0], words, environment);
  ::_exit(127);
}

}  // namespace

lab_agent::lab_agent(std::unique_ptr<agent_adapter> adapter, agent_handle handle, clock now)
    : adapter_(std::move(adapter)), handle_(std::move(handle)), now_(std::move(now)) {
  record_.name = handle_.name;
}

lab_agent::~lab_agent() {
  give_up();
}

std::optional<std::string> lab_agent::start() {
  launch_line line = adapter_->launch();
  for (const auto& each : environment_) line.environment.push_back(each);
  line.environment.emplace_back(
      "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
  const std::string output = (handle_.folder / "output").string();
  const int file = ::open(output.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (file < 0) return "opening " + output + ": " + std::strerror(errno);
  const auto words = pointers(line.words);
  const auto environment = pointers(line.environment);
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid == 0) become(words.data(), environment.data(), handle_.folder.c_str(), file, parent);
  const int error = errno;
  ::close(file);
  if (pid < 0) return std::string{"fork: "} + std::strerror(error);
  handle_.pid = pid;
  killed_ = false;
  start_at_.reset();
  record_.lives.push_back({pid, now_(), 0, 0, false});
  return std::nullopt;
}

void lab_agent::kill(std::optional<std::chrono::milliseconds> restart_after) {
  if (runs()) {
    killed_ = true;
    ::kill(handle_.pid, SIGKILL);
  }
  if (restart_after) start_at_ = now_() + std::chrono::duration<double>{*restart_after}.count();
}

void lab_agent::hold() {
  held_ = true;
  kill(std::nullopt);
  const auto until = std::chrono::steady_clock::now() + longest_kill;
  while (runs() && !reap() && std::chrono::steady_clock::now() < until)
    std::this_thread::sleep_for(std::chrono::milliseconds{2});
}

void lab_agent::resume() {
  if (!held_) return;
  held_ = false;
  start_at_ = now_();
}

bool lab_agent::reap() {
  int status = 0;
  if (::waitpid(handle_.pid, &status, WNOHANG) != handle_.pid) return false;
  end_life(status);
  return true;
}

void lab_agent::end_life(int status) {
  auto& life = record_.lives.back();
  life.to_s = now_();
  life.exit = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  life.by_lab = killed_ || stopping_;
  handle_.pid = -1;
}

void lab_agent::attend(bool ends_agents) {
  if (runs() && reap()) {
    auto& life = record_.lives.back();
    if (ends_agents) life.by_lab = true;
    if (!killed_ && !stopping_ && !start_at_) start_at_ = now_() + restart_pause_s;
  }
  if (!runs() && !held_ && !stopping_ && start_at_ && now_() >= *start_at_ && start())
    start_at_ = now_() + restart_pause_s;
}

void lab_agent::look() {
  if (!runs() || now_() < looked_ + look_pause_s) return;
  agent_reading reading;
  reading.at_s = looked_ = now_();
  reading.pid = handle_.pid;
  const auto sizes = sizes_of_process(handle_.pid);
  reading.rss_bytes = sizes.rss_bytes;
  reading.threads = sizes.threads;
  reading.descriptors = sizes.descriptors;
  reading.disk_bytes = bytes_below(handle_.state_dir);
  const auto counters = adapter_->counters();
  if (counters) {
    reading.collected = counters->collected;
    reading.waiting = counters->waiting;
    reading.actor_restarts = counters->actor_restarts;
    newest_ = record_.readings.size();
  }
  record_.readings.push_back(std::move(reading));
}

void lab_agent::ask_to_stop() {
  stopping_ = true;
  if (runs()) ::kill(handle_.pid, SIGTERM);
}

bool lab_agent::has_stopped() {
  return !runs() || reap();
}

void lab_agent::give_up() {
  if (!runs() || reap()) return;
  stopping_ = killed_ = false;
  ::kill(handle_.pid, SIGKILL);
  int status = 0;
  if (::waitpid(handle_.pid, &status, 0) == handle_.pid) end_life(status);
}

const agent_reading* lab_agent::newest_counters() const {
  return newest_ ? &record_.readings[*newest_] : nullptr;
}

}  // namespace reflector::faultlab
