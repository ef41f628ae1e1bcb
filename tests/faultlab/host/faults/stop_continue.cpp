#include "tests/faultlab/host/faults/each_agent.hpp"
#include "tests/faultlab/host/faults/faults.hpp"

namespace reflector::faultlab {

namespace {

class stop_continue final : public each_agent_fault {
  std::optional<std::string> begin_at(lab_world&, agent_handle& agent) override {
    if (send_signal(agent, SIGSTOP)) ++fired_;
    return std::nullopt;
  }
  void end_at(lab_world&, agent_handle& agent) override { send_signal(agent, SIGCONT); }
};

}  // namespace

fault_kind stop_continue_fault() {
  return {.name = "stop_continue",
          .group = "process",
          .summary = "SIGSTOP, and SIGCONT at its end (counts SIGSTOPs that were delivered)",
          .specs = {},
          .needs = {},
          .make = [](const settings&) { return std::make_unique<stop_continue>(); }};
}

}  // namespace reflector::faultlab
