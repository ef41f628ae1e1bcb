#include "actors/deliver/delivery_log.hpp"

#include "actors/deliver/answer.hpp"
#include "actors/deliver/delivery_plan.hpp"

#include <utility>

#include <spdlog/spdlog.h>

namespace reflector {
void delivery_log::answered(const understood_answer& meaning, const http_response& answer,
                            std::size_t samples) {
  switch (judge(meaning.status)) {
    case verdict::accepted:
      become(health::well, answer);
      return delivered(meaning, samples);
    case verdict::refused:  // of interest once it is known which sample it is
      health_ = health::unknown;
      return;
    case verdict::hold:
      return become(health::held, answer);
    case verdict::retry:
      return become(health::retrying, answer);
  }
}

void delivery_log::delivered(const understood_answer& meaning, std::size_t samples) {
  const bool reserved = !meaning.reservation.empty();
  if (reserved && !with_reservation_)
    spdlog::warn("endpoint {}: took {} samples, but {}", endpoint_, samples, meaning.reservation);
  with_reservation_ = reserved;
  if (const auto several = std::exchange(set_aside_, 0); several > 1)
    spdlog::warn("endpoint {}: {} samples in a row were set aside", endpoint_, several);
}

void delivery_log::set_aside(std::uint64_t sequence, const http_response& answer, bool kept) {
  ++set_aside_;
  if (set_aside_ == delivery_plan::max_refusals_in_a_row)
    spdlog::error(
        "endpoint {}: refuses every sample, the last one with {}; is that the right server? Going "
        "on slowly",
        endpoint_, described(answer));
  if (set_aside_ > 1) return;
  spdlog::error("endpoint {}: refuses sample {} for good: {}; it is {}", endpoint_, sequence,
                described(answer),
                kept ? "set aside as a dead letter" : "given up, as the disk took no dead letter");
}

void delivery_log::become(health now, const http_response& answer) {
  if (now == health_) return;
  health_ = now;
  if (now == health::well)
    spdlog::info("endpoint {}: delivering", endpoint_);
  else if (now == health::retrying)
    spdlog::warn("endpoint {}: {}; samples wait, retrying", endpoint_, described(answer));
  else
    spdlog::error("endpoint {}: {}; samples wait until this is mended, retrying slowly", endpoint_,
                  described(answer));
}

}  // namespace reflector
