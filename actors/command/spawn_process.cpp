#include "actors/command/spawn_process.hpp"

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

class file_actions {
 public:
  file_actions() : error_{posix_spawn_file_actions_init(&actions_)}, initialised_{error_ == 0} {}
  file_actions(const file_actions&) = delete;
  file_actions& operator=(const file_actions&) = delete;
  ~file_actions() {
    if (initialised_) posix_spawn_file_actions_destroy(&actions_);
  }

  int redirect(int output, int errors) {
    note(posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0));
    note(posix_spawn_file_actions_adddup2(&actions_, output, STDOUT_FILENO));
    note(posix_spawn_file_actions_adddup2(&actions_, errors, STDERR_FILENO));
    note(posix_spawn_file_actions_addclosefrom_np(&actions_, STDERR_FILENO + 1));
    return error_;
  }

  const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  void note(int error) {
    if (error_ == 0) error_ = error;
  }

  posix_spawn_file_actions_t actions_{};
  int error_;
  bool initialised_;
};

class spawn_attributes {
 public:
  spawn_attributes() : error_{posix_spawnattr_init(&attributes_)}, initialised_{error_ == 0} {}
  spawn_attributes(const spawn_attributes&) = delete;
  spawn_attributes& operator=(const spawn_attributes&) = delete;
  ~spawn_attributes() {
    if (initialised_) posix_spawnattr_destroy(&attributes_);
  }

  int own_session_and_default_signals() {
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    note(posix_spawnattr_setsigmask(&attributes_, &none));
    note(posix_spawnattr_setsigdefault(&attributes_, &all));
    note(posix_spawnattr_setflags(
        &attributes_, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF));
    return error_;
  }

  const posix_spawnattr_t* get() const { return &attributes_; }

 private:
  void note(int error) {
    if (error_ == 0) error_ = error;
  }

  posix_spawnattr_t attributes_{};
  int error_;
  bool initialised_;
};

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
  file_actions actions;
  if (const int error = actions.redirect(output.write.get(), errors.write.get()))
    return not_spawned(error);
  spawn_attributes attributes;
  if (const int error = attributes.own_session_and_default_signals()) return not_spawned(error);

  std::vector<char*> words;
  words.reserve(argv.size() + 1);
  for (const auto& word : argv) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);

  spawned_process process;
  process.error =
      posix_spawnp(&process.pid, words[0], actions.get(), attributes.get(), words.data(), environ);
  if (process.error != 0) return process;
  process.standard_output = std::move(output.read);
  process.standard_error = std::move(errors.read);
  return process;
}

}  // namespace reflector
