#pragma once

#include "tests/simulation/fault_plan.hpp"
#include "tests/simulation/run_record.hpp"
#include "tests/simulation/simulated_host.hpp"

#include <chrono>
#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

namespace reflector::simulation {

struct simulation_settings {
  std::uint64_t seed = 0;
  std::chrono::milliseconds lasts = std::chrono::hours{6};
  std::vector<planned_fault> faults;  ///< all over by faults_until(lasts)
  bool real_disk = false;  ///< the spool of the agent itself, with its files, in memory if possible
  const captured_tree* host = nullptr;
  std::ostream* trace_to = nullptr;  ///< each event as a line
};

/// After this nothing goes wrong any more, so that the agent can show that it recovers.
inline std::chrono::milliseconds faults_until(std::chrono::milliseconds lasts) {
  return lasts - std::min<std::chrono::milliseconds>(lasts / 2, std::chrono::minutes{30});
}

struct simulation_outcome {
  std::uint64_t trace_hash = 0;
  std::uint64_t events = 0;
  run_record record;  ///< with what was violated

  bool failed() const { return !record.violations.empty(); }
};

/// The whole agent as agent.cpp wires it, in virtual time, through these faults. What it logs is
/// counted in the record (see log_counts.hpp) where the default logger is one.
simulation_outcome simulate(const simulation_settings& settings);

}  // namespace reflector::simulation
