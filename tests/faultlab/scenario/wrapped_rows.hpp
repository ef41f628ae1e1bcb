#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace reflector::faultlab {

/// A text_table of these titles and rows, with the last cell of each row broken between words over
/// as many lines as it needs, so that no line is longer than `width` characters (but where a word
/// alone is, or the columns before leave less than 20).
std::string wrapped_rows(const std::vector<std::string>& titles,
                         const std::vector<std::vector<std::string>>& rows, std::size_t width);

}  // namespace reflector::faultlab
