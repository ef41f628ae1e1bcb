#include "actors/command/first_process.hpp"

#include "actors/os/system_fault.hpp"
#include "actors/os/unique_descriptor.hpp"
#include "actors/text/quoted.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace reflector {
namespace {

enum class step { session, input, signals, limit, user, folder, privileges, descriptors, exec };

/// What the new process says when it gets no further.
struct failed_step {
  step where;
  int error;
};

struct limit {
  int resource;
  rlim_t soft, hard;
};

constexpr int report_descriptor = STDERR_FILENO + 1;

std::array<limit, 6> limits_of(const process_limits& wanted, uid_t uid) {
  const auto seconds = static_cast<rlim_t>(std::max<std::chrono::seconds::rep>(
      std::chrono::ceil<std::chrono::seconds>(wanted.cpu).count(), 1));
  const rlim_t processes = tasks_of_user(uid) + wanted.processes;
  return {{
      // SIGXCPU, which says why, before SIGKILL.
      {RLIMIT_CPU, seconds, seconds + 1},
      {RLIMIT_DATA, wanted.memory, wanted.memory},
      {RLIMIT_FSIZE, wanted.file_size, wanted.file_size},
      {RLIMIT_NOFILE, wanted.files, wanted.files},
      {RLIMIT_NPROC, processes, processes},
      {RLIMIT_CORE, 0, 0},
  }};
}

/// Never more than what is allowed now. The C library's type for the resource is another in C.
bool apply(const limit& wanted) {
  const auto resource = static_cast<__rlimit_resource_t>(wanted.resource);
  rlimit now{};
  if (::getrlimit(resource, &now) != 0) return false;
  const rlimit then{std::min(wanted.soft, now.rlim_max), std::min(wanted.hard, now.rlim_max)};
  return ::setrlimit(resource, &then) == 0;
}

bool drop_capabilities() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> none{};
  return ::syscall(SYS_capset, &header, none.data()) == 0;
}

bool become_user(const user_account& account) {
  if (::setgroups(account.groups.size(), account.groups.data()) != 0 ||
      ::setresgid(account.gid, account.gid, account.gid) != 0 ||
      ::setresuid(account.uid, account.uid, account.uid) != 0)
    return false;
  return account.uid == 0 || drop_capabilities();
}

bool null_as_input() {
  const unique_descriptor null{::open("/dev/null", O_RDONLY | O_CLOEXEC)};
  return null.is_open() && ::dup2(null.get(), STDIN_FILENO) == STDIN_FILENO;
}

/// Some can't be set: SIGKILL, SIGSTOP and those that the C library keeps for itself.
void default_dispositions() {
  for (int number = 1; number < NSIG; ++number) ::signal(number, SIG_DFL);
}

/// In the new process, up to its exec.
class preparation {
 public:
  preparation(const keeper_order& order, const user_account* account, int report)
      : order_{order}, account_{account}, report_{report} {}

  [[noreturn]] void run(const std::array<limit, 6>& limits, int cgroup_members, char** words,
                        char** environment) const {
    // Where that isn't allowed it is below its keeper all the same.
    if (cgroup_members >= 0) (void)!::write(cgroup_members, "0", 1);
    if (report_ != report_descriptor && ::dup3(report_, report_descriptor, O_CLOEXEC) < 0)
      fail(step::descriptors, report_);
    ::closefrom(report_descriptor + 1);
    if (::setsid() < 0) fail(step::session);
    if (!null_as_input()) fail(step::input);
    default_dispositions();
    for (const auto& each : limits)
      if (!apply(each)) fail(step::limit);
    if (account_ != nullptr && !become_user(*account_)) fail(step::user);
    ::umask(077);
    if (::chdir(order_.working_directory.c_str()) != 0) fail(step::folder);
    if (order_.no_new_privileges && ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
      fail(step::privileges);
    sigset_t none;
    sigemptyset(&none);
    if (::sigprocmask(SIG_SETMASK, &none, nullptr) != 0) fail(step::signals);
    // The PATH that execvp looks at.
    environ = environment;
    ::execvp(words[0], words);
    fail(step::exec);
  }

 private:
  [[noreturn]] static void fail(step where, int report = report_descriptor) {
    const failed_step said{where, errno};
    (void)!::write(report, &said, sizeof said);
    ::_exit(126);
  }

  const keeper_order& order_;
  const user_account* account_;
  int report_;
};

std::string text_of(step where, const keeper_order& order) {
  switch (where) {
    case step::session:
      return "a session of its own";
    case step::input:
      return "/dev/null as its input";
    case step::signals:
      return "its signal mask";
    case step::limit:
      return "a limit of what it may take";
    case step::user:
      return "becoming user " + quoted(order.user);
    case step::folder:
      return "working directory " + quoted(order.working_directory);
    case step::privileges:
      return "no_new_privileges";
    case step::descriptors:
      return "its descriptors";
    case step::exec:
      break;
  }
  return {};
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> list;
  list.reserve(texts.size() + 1);
  for (const auto& text : texts) list.push_back(const_cast<char*>(text.c_str()));
  list.push_back(nullptr);
  return list;
}

first_process not_started(int error, const std::string& what) {
  return {-1, error, what.empty() ? what : system_fault(error, what).text};
}

}  // namespace

first_process start_first_process(const keeper_order& order, const user_account* account,
                                  int cgroup_members) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return not_started(errno, "a pipe");
  const unique_descriptor reading{ends[0]};
  unique_descriptor writing{ends[1]};
  auto environment = order.environment;
  if (account != nullptr) set_user_variables(environment, *account);
  auto words = pointers(order.argv);
  auto variables = pointers(environment);
  const auto limits = limits_of(order.limits, account != nullptr ? account->uid : ::getuid());
  // One that is already whom it is to be needs no rights to become it.
  const bool is_same = account != nullptr && account->uid != 0 && account->uid == ::geteuid();
  const preparation child{order, is_same ? nullptr : account, writing.get()};

  const pid_t pid = ::fork();
  if (pid < 0) return not_started(errno, "a new process");
  if (pid == 0) child.run(limits, cgroup_members, words.data(), variables.data());
  writing.reset();
  failed_step said{};
  ssize_t got = 0;
  while ((got = ::read(reading.get(), &said, sizeof said)) < 0 && errno == EINTR) {
  }
  if (got == 0) return {pid, 0, {}};
  while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
  }
  if (got != static_cast<ssize_t>(sizeof said)) return not_started(EIO, "a new process");
  return not_started(said.error, text_of(said.where, order));
}

}  // namespace reflector
