#pragma once

#include "tests/simulation/command_queue_model.hpp"
#include "tests/simulation/receiver_model.hpp"
#include "tests/simulation/run_record.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace reflector::simulation {

/// What a spool still held when all was over.
struct left_over {
  std::map<std::string, std::set<std::uint64_t>> waiting;  ///< numbers by endpoint
  std::vector<lost_range> lost;                            ///< still to be declared
};

/// When the faults were over, and when the agent was looked at.
struct recovery {
  std::int64_t calm_since_ms = 0;  ///< everything has to be alive again by then
  std::int64_t until_ms = 0;
  std::chrono::milliseconds interval{0};
};

/// Reasons for which a sample may be declared lost in this run, as it went.
using excuses = std::set<std::string, std::less<>>;

/// Notes in `record` whatever of this does not hold, after the agent has ended in order:
/// - per endpoint, each sample that was committed has arrived, waits, is a dead letter, or was
///   declared lost to it, for a reason that there was
/// - since all was calm a sample was committed at each interval and arrived, whole, everywhere
/// - each command that came since then was run once and its result taken
void check_invariants(run_record& record, const std::array<receiver_model*, 2>& receivers,
                      const command_queue_model& queue, const left_over& left, const recovery& when,
                      const excuses& excused);

}  // namespace reflector::simulation
