#pragma once

#include "tests/faultlab/report/plot.hpp"
#include "tests/faultlab/run_record.hpp"

#include <vector>

namespace reflector::faultlab {

/// Samples, waiting and memory over time: of each agent, or of all together when there are more
/// than five. At most 200 points a curve, of each stretch between the largest value.
std::vector<plot> run_plots(const run_record&);

}  // namespace reflector::faultlab
