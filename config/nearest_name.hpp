#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace reflector {

/// The one of `names` that `name` was probably meant to be: the fewest letters added, left out,
/// replaced or swapped with the next one, at most one in three. Nothing where none is that close.
std::optional<std::string_view> nearest_name(std::string_view name,
                                             std::span<const std::string_view> names);

}  // namespace reflector
