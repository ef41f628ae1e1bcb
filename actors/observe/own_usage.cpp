#include "actors/observe/own_usage.hpp"

#include <charconv>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <unistd.h>

namespace reflector {

own_usage_reader::own_usage_reader() : statm_(::open("/proc/self/statm", O_RDONLY | O_CLOEXEC)) {}

own_usage own_usage_reader::read() const {
  own_usage usage;
  timespec cpu{};
  if (::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu) == 0)
    usage.cpu = std::chrono::seconds{cpu.tv_sec} + std::chrono::nanoseconds{cpu.tv_nsec};
  // "size resident shared …", in pages.
  char text[128];
  const auto length = ::pread(statm_.get(), text, sizeof text, 0);
  if (length <= 0) return usage;
  const char* const end = text + length;
  const auto* const space =
      static_cast<const char*>(std::memchr(text, ' ', static_cast<std::size_t>(length)));
  std::uint64_t pages = 0;
  if (space == nullptr || std::from_chars(space + 1, end, pages).ec != std::errc{}) return usage;
  usage.resident_bytes = pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  return usage;
}

}  // namespace reflector
