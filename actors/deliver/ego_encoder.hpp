#pragma once

#include "actors/deliver/batch_encoder.hpp"
#include "config/endpoint_config.hpp"

#include <cstddef>
#include <memory>

namespace reflector {

/// Bytes of EGO's body around the records and their commas: {"samples":[…]}
inline constexpr std::size_t ego_frame_bytes = 14;

std::unique_ptr<batch_encoder> make_ego_encoder(const endpoint_config& endpoint);

}  // namespace reflector
