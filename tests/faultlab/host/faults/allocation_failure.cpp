#include "tests/faultlab/host/faults/each_agent.hpp"
#include "tests/faultlab/host/faults/faults.hpp"
#include "tests/faultlab/host/preload_control.hpp"

namespace reflector::faultlab {

namespace {

class allocation_failure final : public each_agent_fault {
 public:
  explicit allocation_failure(const settings& is)
      : every_{is.count("every")}, least_{is.bytes("least")}, most_{is.count("most")} {}

  std::optional<std::string> begin(lab_world& world) override {
    before_ = failed(world);
    return each_agent_fault::begin(world);
  }
  void end(lab_world& world) override {
    each_agent_fault::end(world);
    fired_ += failed(world) - before_;
    before_ = failed(world);
  }
  std::uint64_t fired(lab_world& world) const override { return fired_ + failed(world) - before_; }

 private:
  static std::uint64_t failed(lab_world& world) {
    std::uint64_t sum = 0;
    for (const auto* agent : world.agents()) sum += agent->preload->memory_failed();
    return sum;
  }
  std::optional<std::string> begin_at(lab_world&, agent_handle& agent) override {
    agent.preload->fail_memory(every_, least_, most_);
    return std::nullopt;
  }
  void end_at(lab_world&, agent_handle& agent) override { agent.preload->fail_memory(0, 0, 0); }

  std::uint64_t every_, least_, most_, before_ = 0;
};

}  // namespace

fault_kind allocation_failure_fault() {
  return {.name = "allocation_failure",
          .group = "process",
          .summary = "malloc and its kin fail now and then (counts failed calls)",
          .specs = {{.name = "every",
                     .kind = setting_kind::count,
                     .meaning = "every so many calls one fails",
                     .fallback = "200",
                     .least = 1},
                    {.name = "least",
                     .kind = setting_kind::bytes,
                     .meaning = "only of at least so many bytes",
                     .fallback = "1KiB"},
                    {.name = "most",
                     .kind = setting_kind::count,
                     .meaning = "failures of an agent in all",
                     .fallback = "5",
                     .least = 1,
                     .most = 100'000}},
          .needs = {need::preload},
          .ends_agents = true,
          .make = [](const settings& is) { return std::make_unique<allocation_failure>(is); }};
}

}  // namespace reflector::faultlab
