#include "actors/os/spawn_plan.hpp"

#include <csignal>
#include <unistd.h>

namespace reflector {

spawn_plan::spawn_plan()
    : files_error_{posix_spawn_file_actions_init(&files_)},
      attributes_error_{posix_spawnattr_init(&attributes_)} {
  note(files_error_);
  note(attributes_error_);
  if (error_ != 0) return;
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  note(posix_spawnattr_setsigmask(&attributes_, &none));
  note(posix_spawnattr_setsigdefault(&attributes_, &all));
  note(posix_spawnattr_setflags(
      &attributes_, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF));
}

spawn_plan::~spawn_plan() {
  if (attributes_error_ == 0) posix_spawnattr_destroy(&attributes_);
  if (files_error_ == 0) posix_spawn_file_actions_destroy(&files_);
}

void spawn_plan::duplicate(int from, int to) {
  if (error_ == 0) note(posix_spawn_file_actions_adddup2(&files_, from, to));
}

void spawn_plan::open_null(int to, int flags) {
  if (error_ == 0) note(posix_spawn_file_actions_addopen(&files_, to, "/dev/null", flags, 0));
}

void spawn_plan::close_others() {
  if (error_ == 0) note(posix_spawn_file_actions_addclosefrom_np(&files_, STDERR_FILENO + 1));
}

}  // namespace reflector
