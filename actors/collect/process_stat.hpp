#pragma once

#include "messages/fault.hpp"

#include <cstdint>
#include <string_view>

namespace reflector {

/// What is needed of /proc/PID/stat (proc_pid_stat(5)).
struct process_stat {
  std::string_view name;  ///< into the text; at most 15 bytes for user processes, any bytes
  std::uint64_t cpu_ticks =
      0;  ///< user and system time, clock ticks (sysconf(_SC_CLK_TCK) a second)
  std::uint64_t start_ticks = 0;  ///< since boot; with the pid it tells processes apart
  std::uint64_t resident_pages = 0;
  char state = '?';  ///< 'Z' and 'X': it has ended
  std::int32_t parent = 0, session = 0;
};

/// The name stands between the first '(' and the last ')', and may have any of them in it.
/// Malformed: anything else.
result<process_stat> parse_process_stat(std::string_view text);

}  // namespace reflector
