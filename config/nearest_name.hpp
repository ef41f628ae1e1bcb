#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace reflector {

/// The one of `names` that `name` was probably meant to be: the fewest letters added, left out,
/// replaced or swapped with the next one, at most one in three. Nothing where none is that close.
std::optional<std::string_view> nearest_name(std::string_view name,
                                             std::span<const std::string_view> names);

/// Said of a word that names none of `known`: the one that was meant, or all there are.
/// @param what it was to be, with the word where it is not said before: "key", "collector `cpus`"
std::string unknown_name(std::string_view what, std::string_view name,
                         std::span<const std::string_view> known);

/// Said of a key that is none of `known`: the one that was meant, or all there are.
std::string unknown_key(std::string_view name, std::span<const std::string_view> known);

}  // namespace reflector
