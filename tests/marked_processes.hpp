#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <sys/types.h>
#include <unistd.h>
#include <vector>

namespace reflector::test {

/// A variable in the environment of a command, by which everything that it starts is found,
/// whoever its parent is.
class process_mark {
 public:
  process_mark() {
    static int last = 0;
    text_ = "REFLECTOR_TEST_MARK=" + std::to_string(::getpid()) + '.' + std::to_string(++last);
  }

  const std::string& variable() const { return text_; }

  /// Those that run; what has ended has no environment.
  std::vector<pid_t> processes() const {
    std::vector<pid_t> found;
    for (const auto& entry : std::filesystem::directory_iterator{"/proc"}) {
      const auto name = entry.path().filename().string();
      if (name.find_first_not_of("0123456789") != std::string::npos) continue;
      std::ifstream file{entry.path() / "environ"};
      const std::string variables{std::istreambuf_iterator<char>{file}, {}};
      if (variables.find(text_) != std::string::npos) found.push_back(std::stoi(name));
    }
    return found;
  }

 private:
  std::string text_;
};

}  // namespace reflector::test
