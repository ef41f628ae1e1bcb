#pragma once

#include "messages/sample.hpp"

#include <chrono>
#include <span>
#include <string>

namespace reflector {

/// Asks what the kernel may never answer, without ever waiting for it.
class prober {
 public:
  struct state {
    enum class standing {
      unknown,   ///< not answered yet
      answered,  ///< `answer` is the newest one; the next may be under way
      stuck,     ///< under way for longer than the deadline, or given up for that
    };
    standing how = standing::unknown;
    std::string answer;
  };

  prober() = default;
  prober(const prober&) = delete;
  prober& operator=(const prober&) = delete;
  virtual ~prober() = default;

  /// Asks these, but for those that are still being asked or were given up not long ago. What
  /// isn't among them any more is forgotten. No questions: nothing is started for them.
  /// @return how long to wait before of() is likely to have the answers; zero where none of them is
  /// expected soon
  virtual std::chrono::milliseconds ask(std::span<const std::string> questions,
                                        monotonic_time now) = 0;

  virtual state of(const std::string& question, monotonic_time now) = 0;
};

/// Those that the collectors are given. Null: there is none; then remote file systems are left out,
/// and sensors are read by the collector itself.
struct probers {
  prober* mounts = nullptr;
  prober* sensors = nullptr;
};

}  // namespace reflector
