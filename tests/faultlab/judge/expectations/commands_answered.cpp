#include "tests/faultlab/judge/expectation.hpp"
#include "tests/faultlab/judge/findings.hpp"

#include <algorithm>

#include <spdlog/fmt/fmt.h>

namespace reflector::faultlab {
namespace {

verdict check(const run_record& run, const settings&) {
  findings found{"commands_answered"};
  for (const auto& command : run.commands) {
    if (command.deliveries == 0) continue;
    const auto& results = command.results;
    if (results.empty() && !command.lost_on_the_way)
      found.against(fmt::format("{} on {}, queued at {:.2f} s, has no result", command.id,
                                command.host, command.queued_s));
    if (std::any_of(results.begin(), results.end(),
                    [&](const auto& result) { return result != results.front(); }))
      found.against(fmt::format("{} on {} has {} results that differ", command.id, command.host,
                                results.size()));
    if (!results.empty()) found.in_favour();
  }
  return found.judged("delivered commands were not answered, or not the same each time",
                      fmt::format("{} commands were answered", found.favourable()),
                      "no command arrived at an agent");
}

}  // namespace

expectation_kind commands_answered() {
  return {"commands_answered",
          "every command that arrived is answered, and repeats of an answer are the same",
          {},
          true,
          check};
}

}  // namespace reflector::faultlab
