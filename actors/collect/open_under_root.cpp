#include "actors/collect/open_under_root.hpp"

#include "actors/os/system_fault.hpp"

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>

namespace reflector {

root_directory::root_directory(std::string path)
    : path_{std::move(path)}, own_system_{path_ == "/"} {
  directory_ = unique_descriptor{::open(path_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
}

int root_directory::open_raw(const char* path, int flags) const {
  if (!own_system_) {
    open_how how{};
    how.flags = static_cast<std::uint64_t>(static_cast<unsigned>(flags));
    how.resolve = RESOLVE_IN_ROOT;
    for (int attempt = 0; attempt < 4; ++attempt) {
      const auto opened = ::syscall(SYS_openat2, directory_.get(), path, &how, sizeof how);
      if (opened >= 0) return static_cast<int>(opened);
      if (errno == EAGAIN) continue;  // a rename elsewhere raced with a ".." in the path
      // Containers' seccomp filters answer EPERM to system calls that they don't know.
      if (errno == ENOSYS || errno == EPERM) break;
      return -1;
    }
    // Without the kernel's help a way up is a way out.
    if (std::strstr(path, "..") != nullptr) {
      errno = EACCES;
      return -1;
    }
  }
  return ::openat(directory_.get(), path, flags);
}

result<unique_descriptor> root_directory::open(const std::string& path, int flags) const {
  if (!directory_.is_open()) return failure(fault_code::missing, path_ + ": no such directory");
  // An absolute path (a mount point) would leave the directory where openat2 isn't there to stop
  // it.
  const auto start = path.find_first_not_of('/');
  const int opened =
      open_raw(start == std::string::npos ? "." : path.c_str() + start,
               flags | O_CLOEXEC | ((flags & O_PATH) != 0 ? 0 : O_NONBLOCK | O_NOCTTY));
  if (opened < 0) return tl::unexpected<fault>{system_fault(errno, path)};
  return unique_descriptor{opened};
}

result<unique_descriptor> root_directory::open_regular(const std::string& path) const {
  auto opened = open(path, O_RDONLY);
  if (!opened) return opened;
  struct stat status {};
  if (::fstat(opened->get(), &status) != 0) return tl::unexpected<fault>{system_fault(errno, path)};
  if (!S_ISREG(status.st_mode))
    return failure(fault_code::unreadable, path + ": not a regular file");
  return opened;
}

}  // namespace reflector
