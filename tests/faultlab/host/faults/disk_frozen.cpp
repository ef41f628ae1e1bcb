#include "tests/faultlab/host/agent_disk.hpp"
#include "tests/faultlab/host/faults/each_agent.hpp"
#include "tests/faultlab/host/faults/faults.hpp"

namespace reflector::faultlab {

namespace {

class disk_frozen final : public each_agent_fault {
  std::optional<std::string> begin_at(lab_world&, agent_handle& agent) override {
    if (auto problem = agent.disk->freeze()) return problem;
    ++fired_;
    return std::nullopt;
  }
  void end_at(lab_world&, agent_handle& agent) override { agent.disk->thaw(); }
};

}  // namespace

fault_kind disk_frozen_fault() {
  return {.name = "disk_frozen",
          .group = "disk",
          .summary = "writers to the agent's disk hang, 10 s at the most (counts frozen disks)",
          .specs = {},
          .needs = {need::disk},
          .make = [](const settings&) { return std::make_unique<disk_frozen>(); }};
}

}  // namespace reflector::faultlab
