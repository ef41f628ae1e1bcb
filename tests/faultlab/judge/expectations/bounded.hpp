#pragma once

#include "tests/faultlab/judge/findings.hpp"
#include "tests/faultlab/judge/sightings.hpp"

#include <algorithm>
#include <string>

#include <spdlog/fmt/fmt.h>

namespace reflector::faultlab {

/// Whether a figure of every reading stays at or below `most`.
/// @param shown the figure in words
template <class Show>
verdict bounded(const run_record& run, const std::string& name, std::uint64_t most,
                std::uint64_t agent_reading::*figure, Show shown) {
  findings found{name};
  std::uint64_t largest = 0;
  for (const auto& agent : run.agents) {
    const agent_reading* worst = nullptr;
    for (const auto& reading : agent.readings) {
      if (worst == nullptr || reading.*figure > worst->*figure) worst = &reading;
      found.in_favour();
    }
    if (worst == nullptr) continue;
    largest = std::max(largest, worst->*figure);
    if (worst->*figure > most)
      found.against(fmt::format("{}: {} at {}, {} are allowed", agent.name, shown(worst->*figure),
                                seconds(worst->at_s), shown(most)));
  }
  return found.judged("agents went over the bound",
                      fmt::format("at most {} in {} readings ({} are allowed)", shown(largest),
                                  found.favourable(), shown(most)),
                      "no agent was looked at while it ran");
}

inline std::string in_mebibytes(std::uint64_t bytes) {
  return fmt::format("{:.1f} MiB", static_cast<double>(bytes) / (1024.0 * 1024.0));
}

inline std::string in_numbers(std::uint64_t count) {
  return std::to_string(count);
}

}  // namespace reflector::faultlab
