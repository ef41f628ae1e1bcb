#include "tests/faultlab/judge/expectation.hpp"
#include "tests/faultlab/judge/findings.hpp"

#include <spdlog/fmt/fmt.h>

namespace reflector::faultlab {
namespace {

verdict check(const run_record& run, const settings&) {
  findings found{"commands_at_most_once"};
  std::uint64_t marked = 0;
  for (const auto& command : run.commands) {
    if (!command.marked) continue;
    ++marked;
    if (command.runs > 1)
      found.against(fmt::format("{} on {} ran {} times, delivered {} times", command.id,
                                command.host, command.runs, command.deliveries));
    if (command.runs == 1) found.in_favour();
  }
  return found.judged(
      "commands ran more than once",
      fmt::format("{} of {} marked commands ran, each once", found.favourable(), marked),
      marked == 0 ? "no marked command was queued" : "none of the marked commands ran");
}

}  // namespace

expectation_kind commands_at_most_once() {
  return {"commands_at_most_once", "no command runs twice", {}, true, check};
}

}  // namespace reflector::faultlab
