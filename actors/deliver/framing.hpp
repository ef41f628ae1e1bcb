#pragma once

#include "messages/delivery.hpp"

#include <cstddef>
#include <span>
#include <string>

namespace reflector {

/// Bytes of EGO's body around the records and their commas: {"samples":[…]}
inline constexpr std::size_t ego_frame_bytes = 14;

/// The body of POST /api/metrics/batch: the records' JSON as it was committed.
std::string ego_body(std::span<const record> records);

/// Says which batch this is, the same on each retry: the agent and the range of sequence numbers.
std::string idempotency_key(const std::string& agent_id, std::span<const record> records);

}  // namespace reflector
