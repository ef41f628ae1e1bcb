#pragma once

#include "tests/faultlab/judge/judged_run.hpp"

#include <string>
#include <vector>

namespace reflector::faultlab {

/// JUnit's XML: a suite per run, a case per expectation; what was not run or not shown is skipped,
/// with the reason.
std::string junit_xml(const std::vector<judged_run>&);

}  // namespace reflector::faultlab
