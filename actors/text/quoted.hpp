#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace reflector {

/// Outside input as it may stand in a message: between backquotes, control characters and invalid
/// UTF-8 escaped, cut after so many characters.
std::string quoted(std::string_view input, std::size_t max_characters = 60);

/// Control characters and invalid UTF-8 escaped.
std::string printable(std::string_view input);

}  // namespace reflector
