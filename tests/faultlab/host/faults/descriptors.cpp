#include "tests/faultlab/host/faults/each_agent.hpp"
#include "tests/faultlab/host/faults/faults.hpp"
#include "tests/faultlab/host/preload_control.hpp"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <map>
#include <set>
#include <sys/resource.h>

namespace reflector::faultlab {

namespace {

class descriptors final : public each_agent_fault {
 public:
  explicit descriptors(std::uint64_t spare) : spare_{spare} {}

  std::optional<std::string> begin(lab_world& world) override {
    before_ = refused(world);
    return each_agent_fault::begin(world);
  }
  void end(lab_world& world) override {
    each_agent_fault::end(world);
    fired_ += refused(world) - before_;
    before_ = refused(world);
  }
  std::uint64_t fired(lab_world& world) const override { return fired_ + refused(world) - before_; }

 private:
  static std::uint64_t refused(lab_world& world) {
    std::uint64_t sum = 0;
    for (const auto* agent : world.agents()) sum += agent->preload->descriptors_refused_by_kernel();
    return sum;
  }

  std::optional<std::string> begin_at(lab_world&, agent_handle& agent) override {
    if (agent.pid <= 0) return std::nullopt;
    std::set<std::uint64_t> open;
    std::error_code gone;
    for (const auto& each :
         std::filesystem::directory_iterator("/proc/" + std::to_string(agent.pid) + "/fd", gone))
      open.insert(std::stoull(each.path().filename()));
    // A new descriptor takes the lowest free number; those above the limit go on working.
    std::uint64_t lowest_free = 0;
    while (open.contains(lowest_free)) ++lowest_free;
    rlimit before{};
    if (gone || ::prlimit(agent.pid, RLIMIT_NOFILE, nullptr, &before) != 0) return std::nullopt;
    const rlimit lowered{std::min<rlim_t>(lowest_free + spare_, before.rlim_cur), before.rlim_max};
    if (::prlimit(agent.pid, RLIMIT_NOFILE, &lowered, nullptr) != 0)
      return "the agent's limit of descriptors can't be changed";
    lowered_[agent.pid] = before;
    return std::nullopt;
  }
  void end_at(lab_world&, agent_handle& agent) override {
    const auto found = lowered_.find(agent.pid);
    if (found == lowered_.end()) return;  // it was started anew, with a limit as before
    ::prlimit(agent.pid, RLIMIT_NOFILE, &found->second, nullptr);
    lowered_.erase(found);
  }

  std::uint64_t spare_, before_ = 0;
  std::map<pid_t, rlimit> lowered_;
};

}  // namespace

fault_kind descriptors_fault() {
  return {
      .name = "descriptors",
      .group = "process",
      .summary = "RLIMIT_NOFILE is lowered to what is open (counts calls refused with EMFILE)",
      .specs = {{.name = "spare",
                 .kind = setting_kind::count,
                 .meaning = "descriptors that may be opened yet, at least",
                 .fallback = "0"}},
      .needs = {need::preload},
      .make = [](const settings& is) { return std::make_unique<descriptors>(is.count("spare")); }};
}

}  // namespace reflector::faultlab
