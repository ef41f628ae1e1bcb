#pragma once

#include "actors/net/http_client.hpp"
#include "messages/sample.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace reflector {

/// What an endpoint's answer means for the batch it was about.
enum class verdict {
  accepted,  ///< 2xx
  retry,     ///< no answer, 408, 429, 5xx and what no server should send: again, later
  hold,      ///< 401, 403, 3xx, other 4xx: an operator is needed; nothing is dropped, tried again
             ///< slowly
  refused,   ///< 400, 413, 422: something in the batch will never be taken; a smaller batch finds
             ///< out what
};

/// @param status of HTTP; 0 where there was no complete answer
verdict judge(int status);

/// A page of a gateway's that answers 400 with HTML, as nginx does to a client's certificate: it is
/// not about the samples, which it hasn't looked at. As 403, then.
int without_gateways_page(int status, const http_response& answer);

/// For people: "HTTP 503 `its body's beginning`", or why there is no answer.
std::string described(const http_response& answer);

/// How long Retry-After asks to wait, in both its forms (RFC 9110, 10.2.3): seconds, or a date in
/// any of the three formats. Nothing where it is neither; never negative, never more than an hour.
/// @param date the answer's Date header: where there is one, a date is relative to it, as the
/// sender's clock and ours may be days apart
/// @param now our wall clock
std::optional<std::chrono::milliseconds> parse_retry_after(std::string_view value,
                                                           std::string_view date, wall_time now);

/// "accepted" of EGO's answer, where it is there: how many samples the receiver counted.
std::optional<std::uint64_t> accepted_count(std::string_view body);

/// The index of the first sample that EGO's refusal names: the smallest i of
/// "errors":[{"path":["samples",i,…]},…]. It may be anything; good for a guess only.
std::optional<std::size_t> named_sample(std::string_view body);

}  // namespace reflector
