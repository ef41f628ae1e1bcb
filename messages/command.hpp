#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace reflector {

/// One command as headquarters queued it.
struct command {
  std::string id;
  std::string line;  ///< what to run, words split as a POSIX shell would
  std::optional<std::chrono::milliseconds> timeout;  ///< absent: the queue's default
};

/// EGO's names for how a command ended; it knows no others.
enum class command_status { succeeded, failed, timeout };

struct command_result {
  std::string id;
  command_status status = command_status::failed;
  std::string standard_output,
      standard_error;            ///< valid UTF-8, the last part where they were too long
  std::optional<int> exit_code;  ///< 128 + signal where a signal ended it; absent on a time-out
  std::chrono::milliseconds elapsed{0};
};

}  // namespace reflector
