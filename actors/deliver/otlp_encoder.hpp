#pragma once

#include "actors/deliver/batch_encoder.hpp"
#include "config/endpoint_config.hpp"

#include <memory>

namespace reflector {

std::unique_ptr<batch_encoder> make_otlp_encoder(const endpoint_config& endpoint);

}  // namespace reflector
