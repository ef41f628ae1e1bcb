#include "tests/faultlab/host/faults/each_agent.hpp"
#include "tests/faultlab/host/faults/faults.hpp"

namespace reflector::faultlab {

namespace {

class kill_agents final : public each_agent_fault {
 public:
  explicit kill_agents(std::chrono::milliseconds pause) : pause_{pause} {}

 private:
  std::optional<std::string> begin_at(lab_world& world, agent_handle& agent) override {
    if (agent.pid > 0) ++fired_;
    world.kill_and_restart(agent, pause_);
    return std::nullopt;
  }

  std::chrono::milliseconds pause_;
};

}  // namespace

fault_kind kill_fault() {
  return {.name = "kill",
          .group = "process",
          .summary = "SIGKILL, and a start after `down` (counts agents that ran and were killed)",
          .specs = {{.name = "down",
                     .kind = setting_kind::duration,
                     .meaning = "until it is started again",
                     .fallback = "500ms",
                     .most = 60'000}},
          .needs = {},
          .lasts = false,
          .make = [](const settings& is) {
            return std::make_unique<kill_agents>(is.duration("down"));
          }};
}

}  // namespace reflector::faultlab
