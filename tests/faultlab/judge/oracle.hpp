#pragma once

#include "tests/faultlab/judge/judged_run.hpp"
#include "tests/faultlab/scenario/scenario.hpp"

#include <vector>

namespace reflector::faultlab {

/// The scenario's expectations, in its order. What failed stays failed. What is met without its
/// faults having been met proves nothing, and is not_shown (a fault never fired, or the run was
/// broken off) or not_run (a fault could not be done here).
std::vector<verdict> judge(const run_record&, const scenario&);

/// The exit code: 1 when anything failed; 2 when something was not shown or nothing was met, so
/// that nothing is proven; else 0. What was honestly not run is no failure beside something met.
int overall(const std::vector<verdict>&);
/// Of several runs together, by the same rule; and 2 when in none of them everything could be run.
int overall(const std::vector<judged_run>&);

}  // namespace reflector::faultlab
