#pragma once

#include <string>
#include <string_view>

namespace reflector::faultlab {

/// As text or attribute of XML or HTML: valid UTF-8, with `&<>"'` escaped; control characters (but
/// newline and tab), those that turn the reading direction, and noncharacters are U+FFFD.
std::string markup(std::string_view text);

}  // namespace reflector::faultlab
