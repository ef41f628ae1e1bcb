#include "actors/deliver/framing.hpp"

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

std::string idempotency_key(const std::string& agent_id, std::span<const record> records) {
  return agent_id + ':' + std::to_string(records.front().sequence) + '-' +
         std::to_string(records.back().sequence);
}

}  // namespace reflector
