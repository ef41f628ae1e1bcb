#pragma once

#include "config/endpoint_config.hpp"
#include "messages/delivery.hpp"

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace reflector {

/// Bytes of EGO's body around the records and their commas: {"samples":[…]}
inline constexpr std::size_t ego_frame_bytes = 14;

/// The body of POST /api/metrics/batch: the records' JSON as it was committed.
std::string ego_body(std::span<const record> records);

/// Says which batch this is, the same on each retry: "<agent>:<from>-<to>:<CRC-32C of the body>".
/// The checksum is there because a number can be given out again after a power cut, to another
/// sample. @param body before compression
std::string idempotency_key(const std::string& agent_id, std::span<const record> records,
                            std::string_view body);

/// A batch as it is sent; on a retry nothing of it changes.
struct ego_frame {
  std::vector<record> records;
  std::size_t body_bytes = 0;               ///< before compression
  std::shared_ptr<const std::string> body;  ///< as it is sent
  std::vector<std::string> headers;         ///< what they say about the body
};

/// @param records not empty
ego_frame frame_for_ego(std::vector<record> records, const std::string& agent_id, compression how);

}  // namespace reflector
