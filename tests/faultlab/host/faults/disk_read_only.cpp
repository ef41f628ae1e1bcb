#include "tests/faultlab/host/agent_disk.hpp"
#include "tests/faultlab/host/faults/each_agent.hpp"
#include "tests/faultlab/host/faults/faults.hpp"

namespace reflector::faultlab {

namespace {

/// A disk on which a file is open for writing can't go read-only by remounting: the agent meets it
/// at its start. Blocks until the agent has ended.
class disk_read_only final : public each_agent_fault {
  std::optional<std::string> begin_at(lab_world& world, agent_handle& agent) override {
    world.kill_and_hold(agent);
    auto problem = agent.disk->set_read_only(true);
    if (!problem && agent.disk->is_read_only()) ++fired_;
    world.resume(agent);
    return problem;
  }
  void end_at(lab_world&, agent_handle& agent) override {
    if (agent.disk->is_read_only()) agent.disk->set_read_only(false);
  }
};

}  // namespace

fault_kind disk_read_only_fault() {
  return {.name = "disk_read_only",
          .group = "disk",
          .summary = "the agent is killed and starts on a read-only disk (counts such disks)",
          .specs = {},
          .needs = {need::disk},
          .make = [](const settings&) { return std::make_unique<disk_read_only>(); }};
}

}  // namespace reflector::faultlab
