#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include <tl/expected.hpp>

namespace reflector::faultlab {

struct program_answer {
  int code = 0;        ///< its exit code, or minus the signal that ended it
  std::string output;  ///< standard output
  std::string errors;  ///< standard error, the first 4 KiB
};

/// Runs a program to its end, with this process's environment and nothing to read. It is killed,
/// and an error answered, past `limit` or past `max_bytes` of output.
tl::expected<program_answer, std::string> call_program(
    std::vector<std::string> words, std::chrono::milliseconds limit = std::chrono::seconds{10},
    std::size_t max_bytes = std::size_t{64} << 20);

/// What stands in a file, at most `max_bytes` of it; empty where it can't be read.
std::string file_content(const std::filesystem::path& file,
                         std::size_t max_bytes = std::size_t{64} << 20);

/// Makes or replaces a file that its owner alone may read.
tl::expected<std::filesystem::path, std::string> write_private(const std::filesystem::path& file,
                                                               const std::string& content);

}  // namespace reflector::faultlab
