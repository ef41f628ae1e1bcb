#include "tests/faultlab/judge/expectation.hpp"
#include "tests/faultlab/judge/findings.hpp"
#include "tests/faultlab/judge/sightings.hpp"

#include <algorithm>

#include <spdlog/fmt/fmt.h>

namespace reflector::faultlab {
namespace {

verdict check(const run_record& run, const settings& values) {
  findings found{"alive_again"};
  const double within = std::chrono::duration<double>(values.duration("within")).count();
  double slowest = 0;
  for (const auto& agent : run.agents) {
    for (const auto& endpoint : run.endpoints) {
      const auto samples = first_storings(samples_of(endpoint, agent));
      const auto first = std::find_if(samples.begin(), samples.end(), [&](const auto* sample) {
        return sample->at_s > run.faults_end_s;
      });
      const auto place = agent.name + " at " + endpoint.name;
      const double after = first == samples.end() ? 0 : (*first)->at_s - run.faults_end_s;
      if (first != samples.end() && after <= within) {
        found.in_favour();
        slowest = std::max(slowest, after);
      } else if (first != samples.end()) {
        found.against(place + ": the first new sample came only " + seconds(after) + " after");
      } else if (run.ended_s >= run.faults_end_s + within) {
        found.against(place + ": no new sample came");
      } else {
        found.unseen(fmt::format("the run ended {} after its faults, before {} had to be back",
                                 seconds(run.ended_s - run.faults_end_s), place));
      }
    }
  }
  return found.judged("agents did not get through in time once the faults had ended",
                      fmt::format("{} pairs of agent and endpoint went on, the slowest after {}",
                                  found.favourable(), seconds(slowest)),
                      "there is no agent, or no endpoint");
}

}  // namespace

expectation_kind alive_again() {
  return {"alive_again",
          "each agent gets new samples to each endpoint soon after the faults",
          {{"within", setting_kind::duration, "after the last fault's end", "10s"}},
          true,
          check};
}

}  // namespace reflector::faultlab
