#include "actors/deliver/encoder_registry.hpp"

#include "actors/deliver/ego_encoder.hpp"
#include "actors/deliver/influx_encoder.hpp"
#include "actors/deliver/otlp_encoder.hpp"
#include "actors/deliver/prometheus_encoder.hpp"
#include "actors/deliver/sample_selection.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

namespace reflector {
namespace {

struct encoder_row {
  endpoint_kind kind;
  std::unique_ptr<batch_encoder> (*make)(const endpoint_config&);
};

constexpr std::array encoders{
    encoder_row{endpoint_kind::ego, &make_ego_encoder},
    encoder_row{endpoint_kind::otlp, &make_otlp_encoder},
    encoder_row{endpoint_kind::prometheus, &make_prometheus_encoder},
    encoder_row{endpoint_kind::influx, &make_influx_encoder},
};

/// Gives another encoder only what the endpoint is to get of each sample.
class selecting_encoder final : public batch_encoder {
 public:
  selecting_encoder(const selection_config& config, std::unique_ptr<batch_encoder> inner)
      : selection_(config), inner_(std::move(inner)) {}

  encoded_batch encode(std::span<const record> records) override {
    return inner_->encode(selection_.of(records));
  }

  std::string url_of(const endpoint_config& endpoint) const override {
    return inner_->url_of(endpoint);
  }

  understood_answer understand(const http_response& answer, std::size_t samples,
                               bool sent_before) const override {
    return inner_->understand(answer, samples, sent_before);
  }

  std::optional<encoded_batch> farewell(const record& newest) override {
    return inner_->farewell(selection_.of({&newest, 1}).front());
  }

 private:
  sample_selection selection_;
  std::unique_ptr<batch_encoder> inner_;
};

}  // namespace

std::unique_ptr<batch_encoder> make_encoder(const endpoint_config& endpoint) {
  const auto row = std::find_if(encoders.begin(), encoders.end(), [&](const encoder_row& each) {
    return each.kind == endpoint.kind;
  });
  if (row == encoders.end()) throw std::logic_error("an endpoint of a kind that has no encoder");
  auto encoder = row->make(endpoint);
  if (sample_selection{endpoint.selection}.is_whole()) return encoder;
  return std::make_unique<selecting_encoder>(endpoint.selection, std::move(encoder));
}

}  // namespace reflector
