#include "tests/faultlab/judge/expectation.hpp"
#include "tests/faultlab/judge/findings.hpp"
#include "tests/faultlab/judge/sightings.hpp"

#include <algorithm>
#include <optional>

#include <spdlog/fmt/fmt.h>

namespace reflector::faultlab {
namespace {

using span = fault_interval;

/// From the first to the last fault that was aimed at others alone.
std::optional<span> trouble_elsewhere(const run_record& run, const std::string& endpoint) {
  std::optional<span> whole;
  for (const auto& fault : run.faults) {
    if (concerns(fault, endpoint)) continue;
    for (const auto& part : fault.intervals) {
      if (!whole) whole = part;
      whole->from_s = std::min(whole->from_s, part.from_s);
      whole->to_s = std::max(whole->to_s, part.to_s);
    }
  }
  return whole;
}

/// Whether the endpoint had trouble of its own around that time, which excuses it.
bool own_trouble(const run_record& run, const std::string& endpoint, const span& when,
                 double recovery_s) {
  for (const auto& fault : run.faults)
    if (concerns(fault, endpoint))
      for (const auto& part : fault.intervals)
        if (part.from_s <= when.to_s && part.to_s + recovery_s >= when.from_s) return true;
  return false;
}

/// When the agent had certainly measured that number.
std::optional<double> measured_by(const agent_record& agent, std::uint64_t number) {
  for (const auto& reading : agent.readings)
    if (reading.collected && *reading.collected >= number) return reading.at_s;
  return std::nullopt;
}

verdict check(const run_record& run, const settings& values) {
  findings found{"undisturbed"};
  const auto& name = values.text("endpoint");
  const double asked = std::chrono::duration<double>(values.duration("gap")).count();
  const double gap = asked > 0 ? asked : std::max(2.0, 5 * run.interval_s);
  const auto trouble = trouble_elsewhere(run, name);
  double longest = 0, latest = 0;
  for (const auto& endpoint : run.endpoints) {
    if (endpoint.name != name || !trouble) continue;
    for (const auto& agent : run.agents) {
      if (agent.readings.empty()) continue;
      // It must go on for a while after the others' trouble too, as long as the agent runs.
      const span when{trouble->from_s, std::min(trouble->to_s + gap, agent.readings.back().at_s)};
      double before = when.from_s;
      const auto look = [&](double at_s) {
        const double distance = at_s - before;
        const bool excused = own_trouble(run, name, {before, at_s}, gap);
        if (!excused) longest = std::max(longest, distance);
        if (!excused && distance > gap)
          found.against(fmt::format("{}: nothing was stored from {} to {}", agent.name,
                                    seconds(before), seconds(at_s)));
        before = at_s;
      };
      for (const auto* sample : first_storings(samples_of(endpoint, agent))) {
        if (sample->at_s < when.from_s || sample->at_s > when.to_s) continue;
        look(sample->at_s);
        found.in_favour();
        const auto since =
            sample->sequence > 0 ? measured_by(agent, sample->sequence) : std::optional<double>{};
        if (!since || own_trouble(run, name, {*since, sample->at_s}, gap)) continue;
        latest = std::max(latest, sample->at_s - *since);
        if (sample->at_s - *since > gap)
          found.against(fmt::format("{}: {} was stored {} after it was measured", agent.name,
                                    sample->sequence, seconds(sample->at_s - *since)));
      }
      look(when.to_s);
    }
  }
  return found.judged(
      "times it was disturbed by faults at others",
      fmt::format("{} samples were stored meanwhile, at most {} apart and {} late",
                  found.favourable(), seconds(longest), seconds(latest)),
      trouble ? "nothing was seen of the endpoint meanwhile" : "no fault was aimed at another");
}

}  // namespace

expectation_kind undisturbed() {
  return {
      "undisturbed",
      "an endpoint gets its samples on time while faults break others",
      {{"endpoint", setting_kind::text, "the one that must notice nothing", "", true},
       {"gap", setting_kind::duration,
        "longest time without a sample and longest delay; 0s: 5 intervals, at least 2 s", "0s"}},
      true,
      check};
}

}  // namespace reflector::faultlab
