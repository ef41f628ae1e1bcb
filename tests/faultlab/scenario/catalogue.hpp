#pragma once

#include "tests/faultlab/fault.hpp"
#include "tests/faultlab/judge/expectation.hpp"

#include <span>

namespace reflector::faultlab {

/// The kinds that a scenario may name. They outlive every scenario that is read with them.
struct catalogue {
  std::span<const fault_kind> faults;
  std::span<const expectation_kind> expectations;
};

/// All that the lab has.
inline catalogue whole_catalogue() {
  return {fault_kinds(), expectation_kinds()};
}

}  // namespace reflector::faultlab
