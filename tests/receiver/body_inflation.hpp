#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace reflector::receiver {

/// Undoes gzip or deflate (zlib or raw, as browsers and servers take it). Empty when the data is
/// damaged, cut short, or would be larger than `max_bytes`, at which point inflating stops.
std::optional<std::string> inflate_body(std::string_view data, std::size_t max_bytes);

}  // namespace reflector::receiver
