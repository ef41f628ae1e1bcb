#pragma once

#include "messages/fault.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace reflector {

/// "100ms", "5s", "1.5m", "2h", "7d": a decimal number and one unit, a whole number of
/// milliseconds.
result<std::chrono::milliseconds> parse_duration(std::string_view text);

/// The shortest such text with a whole number: "5s", "1500ms", "1m". `value` is not negative.
std::string format_duration(std::chrono::milliseconds value);

}  // namespace reflector
