#include "actors/deliver/framing.hpp"

#include "actors/deliver/crc32c.hpp"
#include "actors/deliver/gzip.hpp"

#include <array>
#include <cinttypes>
#include <cstdio>
#include <utility>

namespace reflector {

std::string ego_body(std::span<const record> records) {
  std::size_t size = ego_frame_bytes;
  for (const auto& r : records) size += r.json->size() + 1;
  std::string body;
  body.reserve(size);
  body = "{\"samples\":[";
  for (const auto& r : records) {
    if (&r != records.data()) body += ',';
    body += *r.json;
  }
  body += "]}";
  return body;
}

std::string idempotency_key(const std::string& agent_id, std::span<const record> records,
                            std::string_view body) {
  std::array<char, 9> checksum{};
  std::snprintf(checksum.data(), checksum.size(), "%08" PRIx32, crc32c(body));
  return agent_id + ':' + std::to_string(records.front().sequence) + '-' +
         std::to_string(records.back().sequence) + ':' + checksum.data();
}

ego_frame frame_for_ego(std::vector<record> records, const std::string& agent_id, compression how) {
  ego_frame frame;
  std::string body = ego_body(records);
  frame.body_bytes = body.size();
  frame.headers = {"Content-Type: application/json",
                   "Idempotency-Key: " + idempotency_key(agent_id, records, body)};
  if (how == compression::gzip) {
    frame.headers.emplace_back("Content-Encoding: gzip");
    body = gzip(body);
  }
  frame.body = std::make_shared<const std::string>(std::move(body));
  frame.records = std::move(records);
  return frame;
}

}  // namespace reflector
