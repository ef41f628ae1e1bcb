#include "tests/faultlab/judge/expectation.hpp"
#include "tests/faultlab/judge/findings.hpp"
#include "tests/faultlab/judge/sightings.hpp"

#include <spdlog/fmt/fmt.h>

namespace reflector::faultlab {
namespace {

verdict check(const run_record& run, const settings&) {
  findings found{"no_crash"};
  for (const auto& agent : run.agents) {
    for (const auto& life : agent.lives) {
      found.in_favour();
      if (life.by_lab || ended_by_fault(run, life.to_s)) continue;
      found.against(fmt::format("{}: process {} ended by itself at {}, {} {}", agent.name, life.pid,
                                seconds(life.to_s), life.exit < 0 ? "signal" : "exit code",
                                life.exit < 0 ? -life.exit : life.exit));
    }
  }
  return found.judged("times an agent ended without the lab's doing",
                      fmt::format("{} lives of agents, each ended by the lab", found.favourable()),
                      "no agent was started");
}

}  // namespace

expectation_kind no_crash() {
  return {"no_crash", "no agent ends by itself", {}, false, check};
}

}  // namespace reflector::faultlab
