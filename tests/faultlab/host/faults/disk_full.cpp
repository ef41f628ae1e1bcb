#include "tests/faultlab/host/agent_disk.hpp"
#include "tests/faultlab/host/faults/each_agent.hpp"
#include "tests/faultlab/host/faults/faults.hpp"

namespace reflector::faultlab {

namespace {

class disk_full final : public each_agent_fault {
 public:
  explicit disk_full(std::uint64_t left) : left_{left} {}

 private:
  std::optional<std::string> begin_at(lab_world&, agent_handle& agent) override {
    if (auto problem = agent.disk->fill(left_)) return problem;
    if (agent.disk->free_bytes() <= left_) ++fired_;
    return std::nullopt;
  }
  void end_at(lab_world&, agent_handle& agent) override { agent.disk->clear_fillers(); }

  std::uint64_t left_;
};

}  // namespace

fault_kind disk_full_fault() {
  return {.name = "disk_full",
          .group = "disk",
          .summary = "the agent's disk is full (counts disks that statvfs then showed full)",
          .specs = {{.name = "left",
                     .kind = setting_kind::bytes,
                     .meaning = "bytes that stay free",
                     .fallback = "0KiB"}},
          .needs = {need::disk},
          .make = [](const settings& is) { return std::make_unique<disk_full>(is.bytes("left")); }};
}

}  // namespace reflector::faultlab
