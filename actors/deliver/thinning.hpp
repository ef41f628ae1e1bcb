#pragma once

#include "messages/delivery.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

namespace reflector {

/// Of how many samples an endpoint gets one, that wants one in so long: a multiple of the agent's
/// interval, rounded; at least 1. Counted, not timed, so that which samples these are depends on
/// nothing but their numbers: the same ones in every life of the agent, whatever the clock does.
/// Where the agent measures less often than it should, the endpoint gets less often one too.
/// @param every absent: it wants all
std::uint64_t stride_of(std::optional<std::chrono::milliseconds> every,
                        std::chrono::milliseconds interval);

/// Leaves those whose number is a multiple of the stride, and those that tell of a loss, since
/// nothing else tells the endpoint.
void thin(std::vector<record>& records, std::uint64_t stride);

}  // namespace reflector
