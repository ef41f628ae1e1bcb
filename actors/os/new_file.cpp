#include "actors/os/new_file.hpp"

#include "actors/os/system_fault.hpp"
#include "actors/os/unique_descriptor.hpp"
#include "actors/os/write_all.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>

namespace reflector {

result<void> write_new_file(const std::string& path, std::string_view content, mode_t mode) {
  unique_descriptor file{
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode & S_IRWXU)};
  if (!file.is_open() && errno == EEXIST)
    return failure(fault_code::refused, path + ": exists already, and is not overwritten");
  if (!file.is_open()) return tl::unexpected{system_fault(errno, path)};
  // Whatever the umask took away.
  result<void> made;
  if (::fchmod(file.get(), mode) != 0)
    made = tl::unexpected{system_fault(errno, "setting the mode of " + path)};
  if (made) made = write_all(file.get(), content, path);
  if (made && ::fsync(file.get()) != 0)
    made = tl::unexpected{system_fault(errno, "syncing " + path)};
  if (!made) ::unlink(path.c_str());
  return made;
}

}  // namespace reflector
