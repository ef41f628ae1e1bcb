#include "actors/os/write_all.hpp"

#include "actors/os/system_fault.hpp"

#include <cerrno>
#include <unistd.h>

namespace reflector {

result<void> write_all(int descriptor, std::string_view content, const std::string& path) {
  while (!content.empty()) {
    const ssize_t n = ::write(descriptor, content.data(), content.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return tl::unexpected{system_fault(errno, "writing " + path)};
    content.remove_prefix(static_cast<std::size_t>(n));
  }
  return {};
}

}  // namespace reflector
