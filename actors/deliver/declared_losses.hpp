#pragma once

#include "messages/delivery.hpp"

#include <string_view>
#include <vector>

namespace reflector {

/// What a sample's JSON declares lost (agent.lost, as sample_json.hpp writes it); empty where it
/// declares nothing, or isn't one.
std::vector<lost_range> declared_losses(std::string_view json);

}  // namespace reflector
