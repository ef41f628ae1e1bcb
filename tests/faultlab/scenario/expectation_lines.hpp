#pragma once

#include "tests/faultlab/scenario/scenario.hpp"
#include "tests/faultlab/scenario/table_reader.hpp"

#include <span>

namespace reflector::faultlab {

/// Reads `expect_all` and each [[expect]]; the errors go where the reader's go. A setting called
/// "endpoint" must name one of the scenario's endpoints, which are read already.
std::vector<planned_expectation> read_expectations(table_reader& file,
                                                   std::span<const expectation_kind> kinds,
                                                   const scenario& of);

}  // namespace reflector::faultlab
