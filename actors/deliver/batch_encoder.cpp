#include "actors/deliver/batch_encoder.hpp"

namespace reflector {

std::string batch_encoder::url_of(const endpoint_config& endpoint) const {
  return endpoint.url;
}

understood_answer batch_encoder::understand(const http_response& answer, std::size_t, bool) const {
  return {answer.status, {}, {}};
}

std::optional<encoded_batch> batch_encoder::farewell(const record&) {
  return std::nullopt;
}

}  // namespace reflector
