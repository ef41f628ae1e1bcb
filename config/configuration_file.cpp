#include "config/configuration_file.hpp"

#include "actors/os/unique_descriptor.hpp"

#include <cerrno>
#include <fcntl.h>
#include <optional>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace reflector {
namespace {

tl::unexpected<fault> system_failure(int error) {
  const auto code = error == ENOENT ? fault_code::missing : fault_code::unreadable;
  return failure(code, "expected a readable file: " + std::generic_category().message(error));
}

std::optional<fault> objection(const struct stat& status) {
  if (S_ISDIR(status.st_mode)) {
    return fault{fault_code::unreadable, "expected a file, got a directory"};
  }
  if (!S_ISREG(status.st_mode)) {
    return fault{fault_code::unreadable, "expected a regular file, got a device, FIFO or socket"};
  }
  if (status.st_size > static_cast<off_t>(max_configuration_bytes)) {
    return fault{fault_code::too_large, "expected a file of at most 1MiB, got " +
                                            std::to_string(status.st_size) + " bytes"};
  }
  return std::nullopt;
}

}  // namespace

result<std::string> read_configuration_file(const std::string& path) {
  // Looked at before it is opened, because opening a device can do something, and again after,
  // because of the race.
  struct stat status {};
  if (path.find('\0') != std::string::npos) return system_failure(EINVAL);
  if (::stat(path.c_str(), &status) != 0) return system_failure(errno);
  if (auto wrong = objection(status)) return tl::unexpected{*std::move(wrong)};
  const unique_descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)};
  if (file.get() < 0 || ::fstat(file.get(), &status) != 0) {
    return system_failure(errno);
  }
  if (auto wrong = objection(status)) return tl::unexpected{*std::move(wrong)};

  std::string content(max_configuration_bytes + 1, '\0');
  std::size_t size = 0;
  while (size < content.size()) {
    const auto count = ::read(file.get(), content.data() + size, content.size() - size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return system_failure(errno);
    if (count == 0) break;
    size += static_cast<std::size_t>(count);
  }
  if (size > max_configuration_bytes) {
    return failure(fault_code::too_large, "expected a file of at most 1MiB, got more");
  }
  content.resize(size);
  return content;
}

}  // namespace reflector
