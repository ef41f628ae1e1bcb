#pragma once

#include "actors/deliver/batch_encoder.hpp"
#include "config/endpoint_config.hpp"
#include "messages/delivery.hpp"

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace reflector {

/// Says which batch this is, the same on each retry: "<agent>:<from>-<to>:<CRC-32C of the body>".
/// The checksum is there because a number can be given out again after a power cut, to another
/// sample. @param body before compression
std::string idempotency_key(const std::string& agent_id, std::span<const record> records,
                            std::string_view body);

/// A batch as it is sent; on a retry nothing of it changes.
struct delivery_frame {
  std::vector<record> records;
  std::size_t body_bytes = 0;               ///< before compression
  std::shared_ptr<const std::string> body;  ///< as it is sent
  std::vector<std::string> headers;         ///< what they say about the body
};

/// The body as it is sent: compressed, where that is wanted, with the header that says so.
delivery_frame frame_for(encoded_batch encoded, compression how);

/// @param records not empty
delivery_frame frame_for(std::vector<record> records, batch_encoder& encoder,
                         const std::string& agent_id, compression how);

}  // namespace reflector
