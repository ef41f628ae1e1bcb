#include "actors/deliver/framing.hpp"

#include "actors/deliver/crc32c.hpp"
#include "actors/deliver/gzip.hpp"
#include "actors/deliver/zstd.hpp"

#include <array>
#include <cinttypes>
#include <cstdio>
#include <utility>

namespace reflector {

std::string idempotency_key(const std::string& agent_id, std::span<const record> records,
                            std::string_view body) {
  std::array<char, 9> checksum{};
  std::snprintf(checksum.data(), checksum.size(), "%08" PRIx32, crc32c(body));
  return agent_id + ':' + std::to_string(records.front().sequence) + '-' +
         std::to_string(records.back().sequence) + ':' + checksum.data();
}

delivery_frame frame_for(encoded_batch encoded, compression how) {
  delivery_frame frame;
  frame.body_bytes = encoded.body.size();
  frame.headers = std::move(encoded.headers);
  switch (how) {
    case compression::none:
      break;
    case compression::gzip:
      frame.headers.emplace_back("Content-Encoding: gzip");
      encoded.body = gzip(encoded.body);
      break;
    case compression::zstd:
      frame.headers.emplace_back("Content-Encoding: zstd");
      encoded.body = zstd(encoded.body);
      break;
  }
  frame.body = std::make_shared<const std::string>(std::move(encoded.body));
  return frame;
}

delivery_frame frame_for(std::vector<record> records, batch_encoder& encoder,
                         const std::string& agent_id, compression how) {
  encoded_batch encoded = encoder.encode(records);
  const std::string key = idempotency_key(agent_id, records, encoded.body);
  delivery_frame frame = frame_for(std::move(encoded), how);
  frame.headers.push_back("Idempotency-Key: " + key);
  frame.records = std::move(records);
  return frame;
}

}  // namespace reflector
