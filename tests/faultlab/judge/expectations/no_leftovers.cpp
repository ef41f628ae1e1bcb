#include "actors/text/quoted.hpp"
#include "tests/faultlab/judge/expectation.hpp"
#include "tests/faultlab/judge/findings.hpp"

#include <spdlog/fmt/fmt.h>

namespace reflector::faultlab {
namespace {

verdict check(const run_record& run, const settings&) {
  findings found{"no_leftovers"};
  for (const auto& agent : run.agents) {
    if (!agent.lives.empty()) found.in_favour();
    for (const auto& process : agent.leftovers)
      found.against(agent.name + ": " + quoted(process, 120));
  }
  return found.judged("processes outlived their agent",
                      fmt::format("{} agents left no process behind", found.favourable()),
                      "no agent was started");
}

}  // namespace

expectation_kind no_leftovers() {
  return {"no_leftovers", "nothing that an agent started outlives it", {}, false, check};
}

}  // namespace reflector::faultlab
