#include "actors/os/own_children.hpp"

namespace reflector {

own_children& own_children::of_this_process() {
  static own_children all;
  return all;
}

int own_children::start(pid_t& pid, const std::function<int(pid_t&)>& spawn) {
  const std::lock_guard lock{mutex_};
  const int error = spawn(pid);
  if (error == 0) pids_.insert(pid);
  return error;
}

void own_children::forget(pid_t pid) {
  const std::lock_guard lock{mutex_};
  pids_.erase(pid);
}

void own_children::with_all(const std::function<void(const std::set<pid_t>&)>& look) const {
  const std::lock_guard lock{mutex_};
  look(pids_);
}

}  // namespace reflector
