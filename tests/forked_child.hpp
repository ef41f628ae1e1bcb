#pragma once

#include <new>
#include <stdexcept>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

namespace reflector {

/// What a forked child and its parent both see, also after the child was killed.
template <class T>
class shared {
 public:
  shared()
      : memory_(
            ::mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)) {
    if (memory_ == MAP_FAILED) throw std::runtime_error("mmap failed");
    it_ = new (memory_) T{};
  }
  shared(const shared&) = delete;
  shared& operator=(const shared&) = delete;
  ~shared() { ::munmap(memory_, sizeof(T)); }
  T& operator*() const { return *it_; }
  T* operator->() const { return it_; }

 private:
  void* memory_;
  T* it_ = nullptr;
};

/// Runs `what` in a child, which leaves without destructors of the parent's. @return its pid
template <class What>
pid_t fork_child(const What& what) {
  const pid_t child = ::fork();
  if (child < 0) throw std::runtime_error("fork failed");
  if (child != 0) return child;
  int code = 0;
  try {
    what();
  } catch (...) {
    code = 3;
  }
  ::_exit(code);
}

/// @return its exit code, or minus the signal that ended it
inline int wait_for_child(pid_t child) {
  int status = 0;
  if (::waitpid(child, &status, 0) != child) throw std::runtime_error("waitpid failed");
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

template <class What>
int in_child(const What& what) {
  return wait_for_child(fork_child(what));
}

}  // namespace reflector
