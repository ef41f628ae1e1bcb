#include "tests/faultlab/host/faults/each_agent.hpp"
#include "tests/faultlab/host/faults/faults.hpp"
#include "tests/faultlab/host/faults/repeated.hpp"

#include <atomic>

namespace reflector::faultlab {

namespace {

/// As cpulimit does it, by stopping the agent most of the time: needs no control group and no
/// rights, and hits nothing else on the machine.
class cpu_starved final : public fault {
 public:
  explicit cpu_starved(std::uint64_t percent)
      : runs_{percent}, stands_{100 - static_cast<std::int64_t>(percent)} {}
  ~cpu_starved() override { release(); }

  std::optional<std::string> begin(lab_world& world) override {
    agents_ = world.agents();
    turns_.start(runs_, [this] {
      for (const auto* agent : agents_)
        if (send_signal(*agent, SIGSTOP)) ++fired_;
      turns_.pause(stands_);
      for (const auto* agent : agents_) send_signal(*agent, SIGCONT);
    });
    return std::nullopt;
  }
  void end(lab_world&) override { release(); }
  std::uint64_t fired(lab_world&) const override { return fired_; }

 private:
  void release() {
    turns_.stop();
    agents_.clear();
  }

  std::chrono::milliseconds runs_, stands_;  ///< 100 ms together
  std::vector<agent_handle*> agents_;
  std::atomic<std::uint64_t> fired_{0};
  repeated turns_;
};

}  // namespace

fault_kind cpu_starved_fault() {
  return {.name = "cpu_starved",
          .group = "process",
          .summary = "the agent may run for a part of each 100 ms only (counts its pauses)",
          .specs = {{.name = "percent",
                     .kind = setting_kind::count,
                     .meaning = "of the time that it may run",
                     .fallback = "5",
                     .least = 1,
                     .most = 99}},
          .needs = {},
          .make = [](const settings& is) {
            return std::make_unique<cpu_starved>(is.count("percent"));
          }};
}

}  // namespace reflector::faultlab
