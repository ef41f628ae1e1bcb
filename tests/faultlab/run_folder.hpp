#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace reflector::faultlab {

/// Where runs have their files: the folder given, which stays, or a temporary one that is removed.
/// Short, because sockets below it have paths of less than 108 bytes (unix(7)).
class run_folder {
 public:
  /// Throws std::runtime_error.
  explicit run_folder(const std::string& kept);
  run_folder(const run_folder&) = delete;
  run_folder& operator=(const run_folder&) = delete;
  ~run_folder();

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
  bool kept_;
};

/// As one word of a POSIX shell.
std::string shell_quoted(std::string_view word);

}  // namespace reflector::faultlab
