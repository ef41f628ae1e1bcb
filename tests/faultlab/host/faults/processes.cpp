#include "tests/faultlab/host/faults/faults.hpp"
#include "tests/faultlab/lab_world.hpp"

#include <atomic>
#include <cerrno>
#include <csignal>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace reflector::faultlab {

namespace {

constexpr std::size_t stack_size = 16 * 1024;

int stay_idle(void*) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  for (;;) ::pause();
}

/// In a child of its own: makes the processes, which share its memory, and ends them at SIGTERM or
/// when the run dies.
[[noreturn]] void breed(std::uint64_t count, std::atomic<std::uint64_t>* alive, pid_t* pids,
                        char* stacks, pid_t parent) {
  sigset_t signals;
  sigfillset(&signals);
  ::sigprocmask(SIG_SETMASK, &signals, nullptr);
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  ::close_range(0, ~0U, 0);
  sigset_t ending;
  sigemptyset(&ending);
  sigaddset(&ending, SIGTERM);
  sigset_t pending;
  std::uint64_t made = 0;
  while (made < count && ::getppid() == parent) {
    ::sigpending(&pending);
    if (sigismember(&pending, SIGTERM) == 1) break;
    pids[made] = ::clone(stay_idle, stacks + (made + 1) * stack_size,
                         CLONE_VM | CLONE_FS | CLONE_FILES | SIGCHLD, nullptr);
    if (pids[made] < 0) break;
    *alive = ++made;
  }
  int got = 0;
  if (::getppid() == parent) ::sigwait(&ending, &got);
  for (std::uint64_t i = 0; i < made; ++i) ::kill(pids[i], SIGKILL);
  while (::waitpid(-1, nullptr, 0) > 0 || errno == EINTR) {
  }
  ::_exit(0);
}

class processes final : public fault {
 public:
  explicit processes(std::uint64_t count)
      : count_{count},
        pids_at_{sizeof(std::atomic<std::uint64_t>)},
        size_{pids_at_ + count * sizeof(pid_t)} {}
  ~processes() override { release(); }

  std::optional<std::string> begin(lab_world&) override {
    release();
    memory_ = ::mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    stacks_ = ::mmap(nullptr, count_ * stack_size, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
    if (memory_ == MAP_FAILED || stacks_ == MAP_FAILED) return "no memory for their stacks";
    auto* alive = static_cast<std::atomic<std::uint64_t>*>(memory_);
    auto* pids = reinterpret_cast<pid_t*>(static_cast<char*>(memory_) + pids_at_);
    const pid_t parent = ::getpid();
    breeder_ = ::fork();
    if (breeder_ == 0) breed(count_, alive, pids, static_cast<char*>(stacks_), parent);
    if (breeder_ < 0) return "fork failed";
    return std::nullopt;
  }
  void end(lab_world&) override { release(); }
  std::uint64_t fired(lab_world&) const override { return fired_ + alive(); }

 private:
  std::uint64_t alive() const {
    if (memory_ == MAP_FAILED) return 0;
    return *static_cast<std::atomic<std::uint64_t>*>(memory_);
  }
  void release() {
    if (breeder_ > 0) {
      ::kill(breeder_, SIGTERM);
      while (::waitpid(breeder_, nullptr, 0) < 0 && errno == EINTR) {
      }
      breeder_ = -1;
    }
    fired_ += alive();
    if (memory_ != MAP_FAILED) ::munmap(memory_, size_);
    if (stacks_ != MAP_FAILED) ::munmap(stacks_, count_ * stack_size);
    memory_ = stacks_ = MAP_FAILED;
  }

  std::uint64_t count_;
  std::size_t pids_at_, size_;
  void* memory_ = MAP_FAILED;
  void* stacks_ = MAP_FAILED;
  pid_t breeder_ = -1;
  std::uint64_t fired_ = 0;
};

}  // namespace

fault_kind processes_fault() {
  return {
      .name = "processes",
      .group = "host",
      .summary = "idle processes (counts those that were made)",
      .specs = {{.name = "count",
                 .kind = setting_kind::count,
                 .meaning = "how many",
                 .fallback = "5000",
                 .least = 1,
                 .most = 30'000}},
      .needs = {},
      .make = [](const settings& is) { return std::make_unique<processes>(is.count("count")); }};
}

}  // namespace reflector::faultlab
