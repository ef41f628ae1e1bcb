#pragma once

#include <cstddef>
#include <functional>
#include <mutex>
#include <set>
#include <sys/types.h>

namespace reflector {

/// The children that this process has started itself, all of them. What else the kernel calls its
/// child has fallen to it because the parent ended (PR_SET_CHILD_SUBREAPER), or was there before.
/// For any thread.
class own_children {
 public:
  static own_children& of_this_process();

  /// Calls `spawn`, which answers an errno or 0 and then sets the pid; nobody sees that child
  /// before it is noted.
  int start(pid_t& pid, const std::function<int(pid_t&)>& spawn);
  /// It has been reaped, or nobody minds if it is killed.
  void forget(pid_t pid);
  /// Calls `look` while no child can be started.
  void with_all(const std::function<void(const std::set<pid_t>&)>& look) const;

 private:
  mutable std::mutex mutex_;
  std::set<pid_t> pids_;
};

}  // namespace reflector
