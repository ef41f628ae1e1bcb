#pragma once

#include "tests/faultlab/judge/expectation.hpp"
#include "tests/faultlab/run_record.hpp"

#include <vector>

namespace reflector::faultlab {

/// A run and what came of it: all that a report needs, and what a worker process hands over.
struct judged_run {
  run_record record;
  std::vector<verdict> verdicts;
};

}  // namespace reflector::faultlab
