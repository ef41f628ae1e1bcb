#pragma once

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <system_error>

namespace reflector {

/// A temporary folder in memory where there is one: for tests that fill hundreds of them and make
/// thousands of syncs, of which no power cut will show what they were good for.
class scratch_folder {
 public:
  scratch_folder() {
    std::string pattern = "/dev/shm/reflector-test-XXXXXX";
    const char* made = ::mkdtemp(pattern.data());
    if (made == nullptr) made = ::mkdtemp((pattern = "/tmp/reflector-test-XXXXXX").data());
    if (made == nullptr) throw std::runtime_error("mkdtemp failed");
    path_ = made;
  }
  scratch_folder(const scratch_folder&) = delete;
  scratch_folder& operator=(const scratch_folder&) = delete;
  ~scratch_folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace reflector
