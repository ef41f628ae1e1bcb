#include "tests/faultlab/judge/expectation.hpp"
#include "tests/faultlab/judge/findings.hpp"
#include "tests/faultlab/judge/sightings.hpp"

#include <spdlog/fmt/fmt.h>

namespace reflector::faultlab {
namespace {

verdict check(const run_record& run, const settings&) {
  findings found{"stop_in_time"};
  for (const auto& agent : run.agents) {
    if (agent.lives.empty()) continue;
    const auto& last = agent.lives.back();
    if (last.to_s <= 0)
      found.against(fmt::format("{}: process {} did not end", agent.name, last.pid));
    else if (last.by_lab && last.exit == 0)
      found.in_favour();
    else if (last.exit < 0 && ended_by_fault(run, last.to_s))
      found.unseen(agent.name + " was killed by a fault and not started again");
    else if (last.exit < 0)
      found.against(
          fmt::format("{}: ended at {} by signal {}", agent.name, seconds(last.to_s), -last.exit));
    else if (!last.by_lab)
      found.against(agent.name + ": ended before it was told to");
    else
      found.against(fmt::format("{}: exit code {}", agent.name, last.exit));
  }
  return found.judged("agents did not stop as told",
                      fmt::format("{} agents stopped with exit code 0", found.favourable()),
                      "no agent was started");
}

}  // namespace

expectation_kind stop_in_time() {
  return {
      "stop_in_time", "told to stop, an agent ends in time and with exit code 0", {}, false, check};
}

}  // namespace reflector::faultlab
