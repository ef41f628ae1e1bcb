#pragma once

#include "config/process_limits.hpp"
#include "messages/command.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace reflector {

/// All that a command's first process gets; nothing else of the agent's reaches it.
struct process_request {
  /// argv[0] is looked up in the PATH of `environment` when it has no slash; never empty.
  std::vector<std::string> argv;
  std::vector<std::string> environment;  ///< NAME=VALUE, all of it
  std::string working_directory = "/";
  std::string user;  ///< by name; empty: the agent's. Its groups come with it. Needs root.
  process_limits limits;
  bool no_new_privileges = true;
  std::chrono::milliseconds timeout{30'000};  ///< then everything that it started is ended
  /// Kept of each stream: half of it from the beginning, half from the end. The rest is read and
  /// dropped.
  std::size_t max_output_bytes = 64 * 1024;
};

/// What one of a process's streams came to.
struct process_stream {
  std::string head, tail;                  ///< raw bytes; `tail` is empty where nothing was dropped
  std::uint64_t bytes = 0;                 ///< all that was written, also what was dropped
  std::array<unsigned char, 32> sha256{};  ///< of all of it
};

struct process_outcome {
  enum class ending { exited, signalled, timed_out, cancelled, not_started };
  ending how = ending::not_started;
  int code = 0;  ///< exit status, signal number, or errno of the failed start
  /// Of the failed start, for people: "user nobody2 is not known".
  std::string wrong;
  process_stream output, errors;
  std::chrono::milliseconds elapsed{0};
};

/// Runs processes without blocking the caller. Destruction cancels what still runs and waits for
/// it.
class process_launcher {
 public:
  process_launcher() = default;
  process_launcher(const process_launcher&) = delete;
  process_launcher& operator=(const process_launcher&) = delete;
  virtual ~process_launcher() = default;

  /// Makes everything ready and starts nothing yet, so that the caller can write down what is about
  /// to run. `ready` is called at most once, with the process that everything will be under;
  /// `done` is called exactly once, after it, also where it could not be made ready or was
  /// cancelled before its start. Both come from a thread of the launcher's own or from within this
  /// call; they must not block and must not throw.
  /// @return a number to start and to cancel it by, unique in this launcher
  virtual std::uint64_t prepare(process_request request,
                                std::function<void(process_identity)> ready,
                                std::function<void(process_outcome)> done) = 0;

  /// Runs what was made ready; its time counts from here. Unknown ones and a second call are
  /// ignored.
  virtual void start(std::uint64_t launch) = 0;

  /// Ends everything that a launch has started; its outcome is `cancelled`. Unknown and finished
  /// ones are ignored.
  virtual void cancel(std::uint64_t launch) = 0;

  /// Ends what is left of a launch of an agent that is gone, where this is still the same process
  /// of the same boot. May block for as long as a killed process takes to end, 3 s at the most.
  virtual void end_leftover(const process_identity& of) = 0;
};

}  // namespace reflector
