#pragma once

#include "tests/faultlab/lab_world.hpp"
#include "tests/faultlab/run_record.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace reflector {
class ego_receiver;
}
namespace reflector::faultlab {

/// The commands that the lab queues, and what became of them. A marked one leaves a line with its
/// token each time it runs (agents/ran.hpp).
class lab_commands {
 public:
  explicit lab_commands(ego_receiver& queue) : queue_(queue) {}

  void queue(const std::string& host, const std::string& line, int timeout_seconds, double now_s);
  /// `extra` are further arguments of `ran`.
  std::string marked_line(const agent_handle& agent, const std::string& extra);

  /// Whether each one that was handed out has been answered.
  bool all_answered() const;
  /// `wire_faults`: when something was wrong between queue and agent; `lives`: an answer to a poll
  /// is lost also with the agent that asked.
  std::vector<command_record> records(std::chrono::steady_clock::time_point began,
                                      const std::vector<fault_interval>& wire_faults,
                                      const std::vector<agent_record>& agents) const;

 private:
  struct queued {
    std::string id, token;
    double at_s = 0;
  };

  ego_receiver& queue_;
  std::vector<queued> queued_;
  std::map<std::string, std::string> tokens_;              ///< by the line that has it
  std::map<std::string, std::filesystem::path> marks_of_;  ///< by token
  std::uint64_t next_token_ = 1;
};

}  // namespace reflector::faultlab
