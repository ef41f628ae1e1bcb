#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <sys/types.h>

namespace reflector {

/// One command as headquarters queued it.
struct command {
  std::string id;
  std::string line;  ///< what to run, words split as a POSIX shell would
  std::optional<std::chrono::milliseconds> timeout;  ///< absent: the queue's default
  std::string wrong = {};  ///< not empty: it can't be run, and this tells whoever queued it why
};

/// Names a process for as long as the host is up; with the boot id, for ever.
struct process_identity {
  pid_t pid = -1;
  std::uint64_t start_ticks = 0;  ///< field 22 of /proc/PID/stat

  friend bool operator==(const process_identity&, const process_identity&) = default;
};

/// EGO's names for how a command ended; it knows no others.
enum class command_status { succeeded, failed, timeout };

struct command_result {
  std::string id;
  command_status status = command_status::failed;
  std::string standard_output,
      standard_error;            ///< valid UTF-8, with a mark where something was left out
  std::optional<int> exit_code;  ///< 128 + signal where a signal ended it; absent on a time-out
  std::chrono::milliseconds elapsed{0};
};

/// A result as it is submitted, the same bytes every time.
struct command_report {
  std::string id;
  std::shared_ptr<const std::string> body;
};

struct report_receipt {
  std::string id;
  bool taken = false;  ///< false: the queue will never take it
};

}  // namespace reflector
