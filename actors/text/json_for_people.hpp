#pragma once

#include "messages/fault.hpp"

#include <string>
#include <string_view>

namespace reflector {

/// The same JSON, in which nothing can steer a terminal: U+007F to U+009F, which JSON allows as
/// they are, are escaped. @param json valid
std::string json_for_terminal(std::string_view json);

/// The same JSON indented, in its order, for a terminal; a newline at its end. `malformed` where it
/// is not JSON.
result<std::string> indented_json(std::string_view json);

}  // namespace reflector
