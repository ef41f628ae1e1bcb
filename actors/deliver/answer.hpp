#pragma once

#include "messages/sample.hpp"

#include <chrono>
#include <optional>
#include <string_view>

namespace reflector {

/// What an endpoint's answer means for the batch it was about.
enum class verdict {
  accepted,  ///< 2xx
  retry,     ///< no answer, 408, 429, 5xx: the same bytes again, later
  hold,      ///< 401, 403, 3xx, other 4xx: an operator is needed; nothing is dropped, tried again
             ///< slowly
  refused,   ///< 400, 413, 422: something in the batch will never be taken; a smaller batch finds
             ///< out what
};

/// @param status of HTTP; 0 where there was no complete answer
verdict judge(int status);

/// Retry-After in both its forms (RFC 9110, 10.2.3): seconds, or a date (only the preferred
/// IMF-fixdate form). Nothing where it is neither; never negative, never more than an hour.
std::optional<std::chrono::milliseconds> parse_retry_after(std::string_view value, wall_time now);

/// "accepted" of EGO's answer, where it is there: how many samples the receiver counted.
std::optional<std::uint64_t> accepted_count(std::string_view body);

}  // namespace reflector
