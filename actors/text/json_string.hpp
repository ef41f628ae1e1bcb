#pragma once

#include <string>
#include <string_view>

namespace reflector {

/// Appends a text as JSON has it, with its quotes. @param text valid UTF-8
void append_json_string(std::string& out, std::string_view text);

}  // namespace reflector
