#pragma once

#include "actors/supervise/pacer.hpp"
#include "config/endpoint_config.hpp"
#include "messages/health.hpp"

#include <chrono>

namespace reflector {

/// What one endpoint may get: requests, samples and bytes a second.
class send_budget {
 public:
  send_budget(const endpoint_limits& limits, monotonic_time now);

  /// How long to wait before sending: what the scarcest of the three says.
  std::chrono::nanoseconds take(const permit_request& asked, monotonic_time now);

 private:
  token_bucket requests_, samples_, bytes_;
};

}  // namespace reflector
