#pragma once

#include "actors/deliver/batch_encoder.hpp"
#include "config/endpoint_config.hpp"

#include <memory>

namespace reflector {

/// The encoder of an endpoint's kind. @param endpoint of any kind but file
std::unique_ptr<batch_encoder> make_encoder(const endpoint_config& endpoint);

}  // namespace reflector
