#include "tests/faultlab/host/agent_disk.hpp"
#include "tests/faultlab/host/faults/each_agent.hpp"
#include "tests/faultlab/host/faults/faults.hpp"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

namespace reflector::faultlab {

namespace {

/// Every thread of it is out of the kernel: it sees nothing of the disk's end. Waits 90 ms at most.
void stop_whole(const agent_handle& agent) {
  if (!send_signal(agent, SIGSTOP)) return;
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds{90};
  const std::filesystem::path tasks = "/proc/" + std::to_string(agent.pid) + "/task";
  for (bool all = false; !all && std::chrono::steady_clock::now() < until;) {
    all = true;
    std::error_code gone;
    for (const auto& task : std::filesystem::directory_iterator(tasks, gone)) {
      std::string line;
      std::getline(std::ifstream{task.path() / "stat"}, line);
      const auto name_end = line.rfind(')');
      all = all && (name_end == std::string::npos || line.compare(name_end, 3, ") T") == 0);
    }
    if (!all) std::this_thread::sleep_for(std::chrono::milliseconds{1});
  }
}

class power_cut final : public each_agent_fault {
  std::optional<std::string> begin_at(lab_world& world, agent_handle& agent) override {
    stop_whole(agent);
    auto problem = agent.disk->cut_power();
    world.kill_and_hold(agent);
    bool lost = false;
    if (auto other = agent.disk->restore_power(lost); other && !problem) problem = other;
    if (lost && !problem) ++fired_;
    world.resume(agent);
    return problem;
  }
};

}  // namespace

fault_kind power_cut_fault() {
  return {.name = "power_cut",
          .group = "disk",
          .summary =
              "the agent ends, and its disk loses all that was not synced "
              "(counts cuts that lost a file the lab had not synced)",
          .specs = {},
          .needs = {need::disk},
          .lasts = false,
          .make = [](const settings&) { return std::make_unique<power_cut>(); }};
}

}  // namespace reflector::faultlab
