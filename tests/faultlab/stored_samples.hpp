#pragma once

#include "tests/faultlab/run_record.hpp"

#include <chrono>
#include <string_view>
#include <vector>

namespace reflector {
struct accepted_sample;
}
namespace reflector::faultlab {

/// What a receiver stored, as the oracle looks at it. `began` is the run's beginning; `endpoint`
/// the receiver's own, because a loss is declared for one endpoint where the sample names
/// endpoints.
std::vector<stored_sample> stored_samples(const std::vector<accepted_sample>& accepted,
                                          std::chrono::steady_clock::time_point began,
                                          std::string_view endpoint);

}  // namespace reflector::faultlab
