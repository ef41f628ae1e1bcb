#pragma once

#include <chrono>

namespace reflector {

/// How long to wait before attempt number `attempt` + 1 (the first failure is attempt 0):
/// `random01` (in [0, 1)) times min(max, initial * 2^attempt). Full jitter spreads the retries of a
/// fleet that lost its server at one moment. Never negative and never more than `max`, whatever the
/// arguments.
std::chrono::milliseconds full_jitter(unsigned attempt, std::chrono::milliseconds initial,
                                      std::chrono::milliseconds max, double random01);

}  // namespace reflector
