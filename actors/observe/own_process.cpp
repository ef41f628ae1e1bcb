#include "actors/observe/own_process.hpp"

#include "actors/collect/proc_text.hpp"
#include "actors/os/regular_file.hpp"

#include <sys/resource.h>
#include <unistd.h>

namespace reflector {
namespace {

constexpr std::size_t largest_status = 64 * 1024;

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

}  // namespace

own_process::own_process()
    : started_(std::chrono::steady_clock::now()), started_wall_(std::chrono::system_clock::now()) {}

process_status own_process::measure() const {
  process_status now;
  now.pid = ::getpid();
  now.version = REFLECTOR_VERSION;
  now.started = started_wall_;
  const auto uptime = std::chrono::steady_clock::now() - started_;
  now.uptime = std::chrono::duration_cast<std::chrono::milliseconds>(uptime);
  rusage used{};
  if (const double seconds = std::chrono::duration<double>(uptime).count();
      seconds > 0 && ::getrusage(RUSAGE_SELF, &used) == 0)
    now.cpu_percent = 100 * (seconds_of(used.ru_utime) + seconds_of(used.ru_stime)) / seconds;
  const auto text = read_regular_file("/proc/self/status", largest_status);
  if (!text) return now;
  for (std::string_view left = *text; !left.empty();) {
    std::string_view line = take_line(left);
    const auto name = take_field(line);
    if (name == "Threads:") now.threads = number_in<std::uint64_t>(take_field(line));
    if (name == "VmRSS:")
      if (const auto kib = number_in<std::uint64_t>(take_field(line))) now.rss_bytes = *kib * 1024;
  }
  return now;
}

}  // namespace reflector
