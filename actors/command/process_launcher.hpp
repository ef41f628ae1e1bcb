#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace reflector {

struct process_request {
  std::vector<std::string>
      argv;  ///< argv[0] is looked up in PATH when it has no slash; never empty
  std::chrono::milliseconds timeout{30'000};  ///< then the whole process group is ended
  std::size_t max_output_bytes =
      4096;  ///< kept of each stream, the last ones; the rest is read and dropped
};

struct process_outcome {
  enum class ending { exited, signalled, timed_out, cancelled, not_started };
  ending how = ending::not_started;
  int code = 0;  ///< exit status, signal number, or errno of the failed start
  std::string standard_output, standard_error;      ///< raw bytes, as the process wrote them
  std::uint64_t output_bytes = 0, error_bytes = 0;  ///< true counts, also of what was dropped
  std::chrono::milliseconds elapsed{0};
};

/// Runs processes without blocking the caller. `done` is called exactly once for each launch, from
/// a thread of the launcher's own; it must not block and must not throw. Destruction cancels what
/// still runs and waits for it.
class process_launcher {
 public:
  process_launcher() = default;
  process_launcher(const process_launcher&) = delete;
  process_launcher& operator=(const process_launcher&) = delete;
  virtual ~process_launcher() = default;

  /// A number to cancel it by, unique in this launcher.
  virtual std::uint64_t launch(process_request request,
                               std::function<void(process_outcome)> done) = 0;

  /// Ends the process group of a launch; its outcome is `cancelled`. Unknown and finished ones are
  /// ignored.
  virtual void cancel(std::uint64_t launch) = 0;
};

}  // namespace reflector
