#include "tests/faultlab/judge/expectation.hpp"
#include "tests/faultlab/judge/findings.hpp"
#include "tests/faultlab/judge/sightings.hpp"

#include <algorithm>

#include <spdlog/fmt/fmt.h>

namespace reflector::faultlab {
namespace {

/// Readings come about twice a second; when they stop for longer, nothing is known of the agent.
constexpr double reading_gap_s = 2;

/// Whether the agent was ended or stopped (SIGSTOP) by a fault within that time.
bool held_up(const run_record& run, double from_s, double to_s) {
  for (const auto& fault : run.faults) {
    if (!fault.ends_agents && fault.kind != "stop_continue") continue;
    for (const auto& part : fault.intervals)
      if (part.from_s <= to_s && part.to_s + 1 >= from_s) return true;
  }
  return false;
}

verdict check(const run_record& run, const settings& values) {
  findings found{"samples_on_time"};
  const double gap = std::chrono::duration<double>(values.duration("gap")).count();
  double longest = 0;
  for (const auto& agent : run.agents) {
    const agent_reading* progress = nullptr;  // the reading that first had the newest number
    const agent_reading* before = nullptr;
    const auto look = [&](double until_s) {
      if (progress == nullptr || held_up(run, progress->at_s, until_s)) return;
      const double stood = until_s - progress->at_s;
      longest = std::max(longest, stood);
      if (stood > gap)
        found.against(fmt::format("{}: the newest sample was {} from {} to {}", agent.name,
                                  *progress->collected, seconds(progress->at_s), seconds(until_s)));
    };
    for (const auto& reading : agent.readings) {
      if (!reading.collected) continue;
      const bool interrupted = before != nullptr && (reading.pid != before->pid ||
                                                     reading.at_s - before->at_s > reading_gap_s);
      if (interrupted) look(before->at_s);
      if (before == nullptr || interrupted) {
        progress = &reading;
      } else if (*reading.collected > *progress->collected) {
        look(reading.at_s);
        progress = &reading;
        found.in_favour();
      }
      before = &reading;
    }
    if (before != nullptr) look(before->at_s);
  }
  return found.judged(
      "times measuring stood still",
      fmt::format("measuring went on, never longer than {} without a new sample", seconds(longest)),
      "no agent's counters were read often enough");
}

}  // namespace

expectation_kind samples_on_time() {
  return {"samples_on_time",
          "measuring goes on, whatever happens elsewhere",
          {{"gap", setting_kind::duration, "longest time without a new sample", "3s"}},
          false,
          check};
}

}  // namespace reflector::faultlab
