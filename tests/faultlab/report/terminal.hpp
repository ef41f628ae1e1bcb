#pragma once

#include "tests/faultlab/judge/judged_run.hpp"

#include <string>
#include <vector>

namespace reflector::faultlab {

/// Verdicts and faults of a run, a line each, each with its newline; nothing in them steers the
/// terminal but colours, if wanted.
std::string verdict_lines(const judged_run&, bool colour);
/// Runs by outcome, and how to repeat those that are not ok.
std::string summary_lines(const std::vector<judged_run>&, bool colour);

}  // namespace reflector::faultlab
