#include "tests/faultlab/host/faults/each_agent.hpp"
#include "tests/faultlab/host/faults/faults.hpp"
#include "tests/faultlab/host/preload_control.hpp"

namespace reflector::faultlab {

namespace {

class clock_jump final : public each_agent_fault {
 public:
  explicit clock_jump(double seconds)
      : offset_{std::chrono::duration_cast<std::chrono::nanoseconds>(
            std::chrono::duration<double>{seconds})} {}

  std::optional<std::string> begin(lab_world& world) override {
    before_ = shifted(world);
    return each_agent_fault::begin(world);
  }
  void end(lab_world& world) override {
    each_agent_fault::end(world);
    fired_ += shifted(world) - before_;
    before_ = shifted(world);
  }
  std::uint64_t fired(lab_world& world) const override { return fired_ + shifted(world) - before_; }

 private:
  static std::uint64_t shifted(lab_world& world) {
    std::uint64_t sum = 0;
    for (const auto* agent : world.agents()) sum += agent->preload->clock_readings_shifted();
    return sum;
  }
  std::optional<std::string> begin_at(lab_world&, agent_handle& agent) override {
    agent.preload->shift_clock(offset_);
    return std::nullopt;
  }
  void end_at(lab_world&, agent_handle& agent) override {
    agent.preload->shift_clock(std::chrono::nanoseconds{0});
  }

  std::chrono::nanoseconds offset_;
  std::uint64_t before_ = 0;
};

}  // namespace

fault_kind clock_jump_fault() {
  return {.name = "clock_jump",
          .group = "time",
          .summary = "the agent's wall clock is wrong, then right (counts wrong readings)",
          .specs = {{.name = "by",
                     .kind = setting_kind::number,
                     .meaning = "seconds; negative: into the past",
                     .fallback = "3600",
                     .least = -1e9,
                     .most = 1e9}},
          .needs = {need::preload},
          .make = [](const settings& is) { return std::make_unique<clock_jump>(is.number("by")); }};
}

}  // namespace reflector::faultlab
