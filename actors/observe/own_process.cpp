#include "actors/observe/own_process.hpp"

#include "actors/collect/proc_text.hpp"
#include "actors/observe/own_usage.hpp"
#include "actors/os/regular_file.hpp"

#include <unistd.h>

namespace reflector {
namespace {

constexpr std::size_t largest_status = 64 * 1024;

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
  const own_usage used = own_usage_reader{}.read();
  if (const double seconds = std::chrono::duration<double>(uptime).count();
      seconds > 0 && used.cpu.count() > 0)
    now.cpu_percent = 100 * std::chrono::duration<double>(used.cpu).count() / seconds;
  if (used.resident_bytes > 0) now.rss_bytes = used.resident_bytes;
  const auto text = read_regular_file("/proc/self/status", largest_status);
  if (!text) return now;
  for (std::string_view left = *text; !left.empty();) {
    std::string_view line = take_line(left);
    const auto name = take_field(line);
    if (name == "Threads:") now.threads = number_in<std::uint64_t>(take_field(line));
  }
  return now;
}

}  // namespace reflector
