#pragma once

#include <optional>
#include <string_view>

namespace reflector {

/// The first line (from 1) that is not UTF-8, if there is one.
std::optional<unsigned> first_line_of_invalid_utf8(std::string_view text);

}  // namespace reflector
