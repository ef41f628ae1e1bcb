#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <sys/types.h>
#include <vector>

namespace reflector::faultlab {

struct process_sizes {
  std::uint64_t rss_bytes = 0, threads = 0, descriptors = 0;
};

/// Of /proc/PID/status and /proc/PID/fd (proc(5)); zeros for what can't be read.
process_sizes sizes_of_process(pid_t pid);

/// Of all files below a folder, as allocated on its disk.
std::uint64_t bytes_below(const std::filesystem::path& folder);

/// Children of `parent` that run, zombies left out.
std::vector<pid_t> children_of(pid_t parent);

/// Its command line with blanks between the words, 200 bytes at most.
std::string command_line_of(pid_t pid);

}  // namespace reflector::faultlab
