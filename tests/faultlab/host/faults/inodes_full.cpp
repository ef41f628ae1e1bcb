#include "tests/faultlab/host/agent_disk.hpp"
#include "tests/faultlab/host/faults/each_agent.hpp"
#include "tests/faultlab/host/faults/faults.hpp"

namespace reflector::faultlab {

namespace {

class inodes_full final : public each_agent_fault {
  std::optional<std::string> begin_at(lab_world&, agent_handle& agent) override {
    if (auto problem = agent.disk->fill_inodes()) return problem;
    if (agent.disk->free_inodes() == 0) ++fired_;
    return std::nullopt;
  }
  void end_at(lab_world&, agent_handle& agent) override { agent.disk->clear_fillers(); }
};

}  // namespace

fault_kind inodes_full_fault() {
  return {.name = "inodes_full",
          .group = "disk",
          .summary = "no new file can be made on the agent's disk (counts disks without an inode)",
          .specs = {},
          .needs = {need::disk},
          .make = [](const settings&) { return std::make_unique<inodes_full>(); }};
}

}  // namespace reflector::faultlab
