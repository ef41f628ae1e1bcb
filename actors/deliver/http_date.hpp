#pragma once

#include "messages/sample.hpp"

#include <optional>
#include <string_view>

namespace reflector {

/// HTTP-date in its three forms (RFC 9110, 5.6.7), case-sensitive as they are defined:
///   Sun, 06 Nov 1994 08:49:37 GMT    Sunday, 06-Nov-94 08:49:37 GMT    Sun Nov  6 08:49:37 1994
/// Whether the day of the week is the right one is not looked at.
/// @param now what a year of two digits is near: never more than 50 years behind it
std::optional<wall_time> parse_http_date(std::string_view text, wall_time now);

}  // namespace reflector
