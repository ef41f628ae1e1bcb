#pragma once

#include "actors/collect/collector.hpp"
#include "actors/collect/host_files.hpp"
#include "actors/collect/process_table.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace reflector {

/// A process's share in an interval.
struct process_work {
  std::int32_t pid = 0;
  std::uint64_t worked_ns = 0;  ///< CPU time within the interval
  std::uint64_t total_ns = 0;   ///< since the process started

  friend bool operator==(const process_work&, const process_work&) = default;
};

/// Replaces `into` by the `most` busiest between two readings of the process table, busiest first;
/// among equals the one with more CPU time in all, then the lower pid. A process that isn't in
/// `before`, or whose CPU time went back (another process by the same pid), has worked all its time
/// within the interval.
void rank_busiest(std::span<const process_time> before, std::span<const process_time> after,
                  std::size_t most, std::vector<process_work>& into);

/// The real user's id in /proc/PID/status.
std::optional<std::uint32_t> parse_real_uid(std::string_view status);

/// The name a process goes by, as psutil has it: the kernel keeps 15 bytes, the rest is in the
/// command line if its first word's file name starts with them. `command_line` as /proc/PID/cmdline
/// has it.
std::string full_name(std::string_view kernel_name, std::string_view command_line);

/// passwd(5): names by user id, the first line of each id.
class user_names {
 public:
  static user_names parse(std::string_view passwd);
  /// The number itself where there is no name.
  std::string name_of(std::uint32_t uid) const;

 private:
  std::vector<std::pair<std::uint32_t, std::string>> names_;  ///< by id
};

/// The first measurement counts the processes and ranks none. `top` is how many are shown. A user's
/// name is up to 60 s old. Needs the process table and proc/meminfo.
std::unique_ptr<collector> make_processes_collector(host_files& files, std::size_t top);
std::unique_ptr<collector> make_processes_collector(host_files& files, std::size_t top,
                                                    std::unique_ptr<process_table> table);

}  // namespace reflector
