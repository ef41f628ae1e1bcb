#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace reflector {

/// What stands where the middle of an output was left out: "\n[… 1048576 bytes left out …]\n".
std::string cut_mark(std::uint64_t bytes);

/// The text as it is, or as much of its beginning and end as fits, with a mark between them. A mark
/// that is left out with the middle counts as what it says.
/// @param text valid UTF-8, and so is the answer
/// @param room what the answer's bytes may cost together
/// @param cost of a byte, at least 1
std::string without_middle(std::string_view text, std::size_t room, std::size_t (*cost)(char));

/// The same where a byte costs 1.
std::string without_middle(std::string_view text, std::size_t room);

}  // namespace reflector
