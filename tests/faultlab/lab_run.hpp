#pragma once

#include "tests/faultlab/run_record.hpp"
#include "tests/faultlab/scenario/scenario.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

namespace reflector::faultlab {

/// How a run stands, about five times a second.
struct run_progress {
  double at_s = 0, total_s = 0;  ///< total: as planned, without what settling takes
  std::string phase;             ///< "starting", "faults", "settling", "stopping"
  std::string faults;            ///< those that last now
  std::uint64_t collected = 0, stored = 0, waiting = 0;  ///< sums over agents and endpoints
};

struct run_wish {
  std::uint64_t seed = 1;
  std::string target = "reflector";         ///< see make_agent_adapter
  std::filesystem::path folder;             ///< exists, empty; everything of the run goes there
  std::filesystem::path own_configuration;  ///< probe: the user's; empty: generated
  std::string repeat;                       ///< the command that does it again, for the record
  std::function<void(const run_progress&)> progress{};
};

/// Plays a scenario: sets the world up, starts the agents, waits for their first samples, plays the
/// timeline, waits until everything has arrived (or the scenario's `settle`), stops them and reads
/// their books. Whatever goes wrong is in the record. Call it in a process of its own, before there
/// are other threads: it may enter namespaces, and becomes a subreaper.
run_record play(const scenario& plan, const run_wish& wish);

}  // namespace reflector::faultlab
