#pragma once

#include "tests/faultlab/scenario/scenario.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace reflector::faultlab {

/// One occurrence of a line of the timeline; times since the agents run.
struct scheduled_fault {
  std::size_t fault = 0;                       ///< its place in scenario::faults
  std::chrono::milliseconds begin{0}, end{0};  ///< equal where the kind doesn't last

  friend bool operator==(const scheduled_fault&, const scheduled_fault&) = default;
};

/// Every occurrence, ordered by its begin, then by its place in the file. A random moment is drawn
/// once a line, its repeats follow at the line's pause. The same scenario and seed give the same
/// schedule on every machine, and a line's moment does not depend on the lines before it.
std::vector<scheduled_fault> schedule(const scenario& of, std::uint64_t seed);

}  // namespace reflector::faultlab
