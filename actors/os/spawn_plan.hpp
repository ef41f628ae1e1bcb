#pragma once

#include <spawn.h>

namespace reflector {

/// What posix_spawn(3) is given for a process that has nothing of the agent's: a session of its
/// own, no blocked signal and every disposition the default. Its descriptors are said one by one.
/// Keeps the first error of the calls that fill it.
class spawn_plan {
 public:
  spawn_plan();
  spawn_plan(const spawn_plan&) = delete;
  spawn_plan& operator=(const spawn_plan&) = delete;
  ~spawn_plan();

  /// `to` is what `from` is here.
  void duplicate(int from, int to);
  /// `to` is /dev/null. @param flags O_RDONLY or O_WRONLY
  void open_null(int to, int flags);
  /// Nothing above standard error; said last.
  void close_others();

  int error() const { return error_; }  ///< an errno, or 0
  const posix_spawn_file_actions_t* files() const { return &files_; }
  const posix_spawnattr_t* attributes() const { return &attributes_; }

 private:
  void note(int error) {
    if (error_ == 0) error_ = error;
  }

  posix_spawn_file_actions_t files_{};
  posix_spawnattr_t attributes_{};
  int files_error_, attributes_error_;  ///< of making them
  int error_ = 0;
};

}  // namespace reflector
