#pragma once

#include "tests/temporary_folder.hpp"

#include <filesystem>
#include <unistd.h>

namespace reflector {

/// A temporary folder in memory where there is one: for tests that fill hundreds of them and make
/// thousands of syncs, of which no power cut will show what they were good for.
class scratch_folder : public temporary_folder {
 public:
  scratch_folder() : temporary_folder(parent()) {}

 private:
  static std::filesystem::path parent() {
    const std::filesystem::path in_memory = "/dev/shm";
    return ::access(in_memory.c_str(), W_OK) == 0 ? in_memory
                                                  : std::filesystem::temp_directory_path();
  }
};

}  // namespace reflector
