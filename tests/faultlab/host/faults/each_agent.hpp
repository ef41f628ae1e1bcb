#pragma once

#include "tests/faultlab/fault.hpp"
#include "tests/faultlab/lab_world.hpp"

#include <csignal>

namespace reflector::faultlab {

/// A fault that does the same to every agent, and counts on its own.
class each_agent_fault : public fault {
 public:
  std::optional<std::string> begin(lab_world& world) override {
    for (auto* agent : world.agents())
      if (auto problem = begin_at(world, *agent)) return problem;
    return std::nullopt;
  }
  void end(lab_world& world) override {
    for (auto* agent : world.agents()) end_at(world, *agent);
  }
  std::uint64_t fired(lab_world&) const override { return fired_; }

 protected:
  virtual std::optional<std::string> begin_at(lab_world&, agent_handle&) = 0;
  virtual void end_at(lab_world&, agent_handle&) {}

  std::uint64_t fired_ = 0;
};

/// Whether the agent runs and got it. From any thread.
inline bool send_signal(const agent_handle& agent, int signal) {
  const pid_t pid = __atomic_load_n(&agent.pid, __ATOMIC_RELAXED);
  return pid > 0 && ::kill(pid, signal) == 0;
}

}  // namespace reflector::faultlab
