#include "actors/deliver/encoder_registry.hpp"

#include "actors/deliver/ego_encoder.hpp"
#include "actors/deliver/influx_encoder.hpp"
#include "actors/deliver/otlp_encoder.hpp"
#include "actors/deliver/prometheus_encoder.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

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

}  // namespace

std::unique_ptr<batch_encoder> make_encoder(const endpoint_config& endpoint) {
  const auto row = std::find_if(encoders.begin(), encoders.end(), [&](const encoder_row& each) {
    return each.kind == endpoint.kind;
  });
  if (row == encoders.end()) throw std::logic_error("an endpoint of a kind that has no encoder");
  return row->make(endpoint);
}

}  // namespace reflector
