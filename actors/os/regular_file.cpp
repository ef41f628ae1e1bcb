#include "actors/os/regular_file.hpp"

#include "actors/os/system_fault.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <fcntl.h>

namespace reflector {

result<regular_file> open_regular_file(const std::string& path) {
  if (path.find('\0') != std::string::npos)
    return failure(fault_code::malformed, "the path of a file holds a NUL");
  regular_file file;
  file.descriptor =
      unique_descriptor{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)};
  if (!file.descriptor.is_open() || ::fstat(file.descriptor.get(), &file.status) != 0)
    return tl::unexpected{system_fault(errno, path)};
  if (!S_ISREG(file.status.st_mode))
    return failure(fault_code::unreadable, path + ": not a regular file");
  return file;
}

result<std::string> read_all(const regular_file& file, const std::string& path, std::size_t cap) {
  const auto too_large = [&] {
    return failure(fault_code::too_large, path + ": larger than " + std::to_string(cap) + " bytes");
  };
  const auto size = static_cast<std::uint64_t>(std::max<off_t>(file.status.st_size, 0));
  if (size > cap) return too_large();
  // One byte more than it had: a file that grows meanwhile is noticed.
  std::string content(static_cast<std::size_t>(size) + 1, '\0');
  std::size_t filled = 0;
  for (;;) {
    if (filled == content.size()) {
      if (filled > cap) return too_large();
      content.resize(std::min(content.size() * 2, cap + 1));
    }
    const ssize_t got =
        ::read(file.descriptor.get(), content.data() + filled, content.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return tl::unexpected{system_fault(errno, path)};
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  if (filled > cap) return too_large();
  content.resize(filled);
  return content;
}

result<std::string> read_regular_file(const std::string& path, std::size_t cap) {
  const auto file = open_regular_file(path);
  if (!file) return tl::unexpected{file.error()};
  return read_all(*file, path, cap);
}

}  // namespace reflector
