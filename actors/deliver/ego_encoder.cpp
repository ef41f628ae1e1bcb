#include "actors/deliver/ego_encoder.hpp"

#include "actors/deliver/answer.hpp"

namespace reflector {
namespace {

/// EGO takes the records' JSON as it was committed: {"samples":[…]}
class ego_encoder final : public batch_encoder {
 public:
  encoded_batch encode(std::span<const record> records) override {
    std::size_t size = ego_frame_bytes;
    for (const auto& r : records) size += r.json->size() + 1;
    encoded_batch out;
    out.headers = {"Content-Type: application/json"};
    out.body.reserve(size);
    out.body = "{\"samples\":[";
    for (const auto& r : records) {
      if (&r != records.data()) out.body += ',';
      out.body += *r.json;
    }
    out.body += "]}";
    return out;
  }

  understood_answer understand(const http_response& answer, std::size_t samples,
                               bool) const override {
    understood_answer meaning{answer.status, {}, {}};
    if (answer.status == 400) meaning.named = named_sample(answer.body);
    if (judge(answer.status) != verdict::accepted) return meaning;
    const auto count = accepted_count(answer.body);
    if (count && *count < samples)
      meaning.reservation = "counts " + std::to_string(*count) + " of them: it drops some silently";
    return meaning;
  }
};

}  // namespace

std::unique_ptr<batch_encoder> make_ego_encoder(const endpoint_config&) {
  return std::make_unique<ego_encoder>();
}

}  // namespace reflector
