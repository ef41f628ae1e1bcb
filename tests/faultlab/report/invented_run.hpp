#pragma once

#include "tests/faultlab/judge/judged_run.hpp"

namespace reflector::faultlab {

/// A run that never was, with something of everything: for the tests of the reports.
judged_run invented_run(unsigned agents = 1, unsigned seconds = 20);

}  // namespace reflector::faultlab
