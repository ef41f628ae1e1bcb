#include "actors/command/spawn_process.hpp"

#include "actors/os/spawn_plan.hpp"

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <spawn.h>
#include <utility>

namespace reflector {
namespace {

struct pipe_ends {
  unique_descriptor read, write;
};

/// Where the agent itself was started without standard streams a new descriptor may be 0, 1 or 2,
/// which the child's redirections would overwrite.
int above_standard_streams(unique_descriptor& fd) {
  if (fd.get() > STDERR_FILENO) return 0;
  unique_descriptor moved{fcntl(fd.get(), F_DUPFD_CLOEXEC, STDERR_FILENO + 1)};
  if (moved.get() < 0) return errno;
  fd = std::move(moved);
  return 0;
}

int open_pipe(pipe_ends& ends) {
  int fds[2];
  if (pipe2(fds, O_CLOEXEC) != 0) return errno;
  ends.read = unique_descriptor{fds[0]};
  ends.write = unique_descriptor{fds[1]};
  if (const int error = above_standard_streams(ends.read)) return error;
  if (const int error = above_standard_streams(ends.write)) return error;
  // Only the agent's end: the other one's flags are shared with the child.
  return fcntl(ends.read.get(), F_SETFL, O_NONBLOCK) == 0 ? 0 : errno;
}

spawned_process not_spawned(int error) {
  spawned_process process;
  process.error = error;
  return process;
}

}  // namespace

spawned_process spawn_process(const std::vector<std::string>& argv) {
  if (argv.empty() || argv[0].empty()) return not_spawned(ENOENT);
  pipe_ends output, errors;
  if (const int error = open_pipe(output)) return not_spawned(error);
  if (const int error = open_pipe(errors)) return not_spawned(error);
  spawn_plan plan;
  plan.open_null(STDIN_FILENO, O_RDONLY);
  plan.duplicate(output.write.get(), STDOUT_FILENO);
  plan.duplicate(errors.write.get(), STDERR_FILENO);
  plan.close_others();
  if (plan.error() != 0) return not_spawned(plan.error());

  std::vector<char*> words;
  words.reserve(argv.size() + 1);
  for (const auto& word : argv) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);

  spawned_process process;
  process.error =
      posix_spawnp(&process.pid, words[0], plan.files(), plan.attributes(), words.data(), environ);
  if (process.error != 0) return process;
  process.standard_output = std::move(output.read);
  process.standard_error = std::move(errors.read);
  return process;
}

}  // namespace reflector
