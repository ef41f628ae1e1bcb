#include "tests/faultlab/host/run_program.hpp"

#include "actors/os/unique_descriptor.hpp"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace reflector::faultlab {

std::optional<std::string> run_program(const std::vector<std::string>& words) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return std::string{"pipe: "} + std::strerror(errno);
  const unique_descriptor out{ends[0]};
  unique_descriptor in{ends[1]};
  std::vector<char*> arguments;
  for (const auto& each : words) arguments.push_back(const_cast<char*>(each.c_str()));
  arguments.push_back(nullptr);
  char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
  char* environment[] = {path, nullptr};
  posix_spawn_file_actions_t files;
  ::posix_spawn_file_actions_init(&files);
  ::posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(&files, in.get(), 1);
  ::posix_spawn_file_actions_adddup2(&files, in.get(), 2);
  pid_t child = -1;
  std::string program = words.front();
  for (const char* folder : {"/usr/sbin/", "/usr/bin/", "/sbin/", "/bin/"})
    if (program.front() != '/' && ::access((folder + words.front()).c_str(), X_OK) == 0)
      program = folder + words.front();
  const int problem =
      ::posix_spawn(&child, program.c_str(), &files, nullptr, arguments.data(), environment);
  ::posix_spawn_file_actions_destroy(&files);
  if (problem != 0) return words.front() + ": " + std::strerror(problem);
  in.reset();

  std::string said;
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{20};
  bool late = false;
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        until - std::chrono::steady_clock::now());
    pollfd readable{out.get(), POLLIN, 0};
    if (left.count() <= 0 || ::poll(&readable, 1, static_cast<int>(left.count())) == 0) {
      late = true;
      ::kill(child, SIGKILL);
      break;
    }
    char buffer[1024];
    const ssize_t size = ::read(out.get(), buffer, sizeof buffer);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) break;
    said.append(buffer, static_cast<std::size_t>(size));
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (late) return words.front() + " took longer than 20 s";
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return std::nullopt;
  while (!said.empty() && said.back() == '\n') said.pop_back();
  return words.front() + ": " + (said.empty() ? "failed" : said);
}

}  // namespace reflector::faultlab
