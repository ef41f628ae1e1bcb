#include "actors/text/quoted.hpp"
#include "tests/faultlab/judge/expectation.hpp"
#include "tests/faultlab/judge/findings.hpp"

#include <spdlog/fmt/fmt.h>

namespace reflector::faultlab {
namespace {

verdict check(const run_record& run, const settings&) {
  findings found{"no_secret_leaked"};
  for (const auto& endpoint : run.endpoints) {
    found.in_favour(endpoint.requests);
    for (const auto& request : endpoint.canaries)
      found.against(endpoint.name + " got a secret that isn't its own: " + quoted(request, 120));
  }
  for (const auto& agent : run.agents)
    for (const auto& file : agent.canaries)
      found.against(agent.name + " wrote a secret into " + quoted(file, 120));
  return found.judged("places in which a secret stands",
                      fmt::format("no secret in {} requests to others, nor in the agents' files",
                                  found.favourable()),
                      "no request arrived");
}

}  // namespace

expectation_kind no_secret_leaked() {
  return {"no_secret_leaked",
          "a token reaches its own endpoint alone, and stands in no log",
          {},
          false,
          check};
}

}  // namespace reflector::faultlab
