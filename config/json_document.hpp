#pragma once

#include "config/config_error.hpp"
#include "config/document.hpp"

#include <string_view>

#include <tl/expected.hpp>

namespace reflector {

/// Whether the first character that is neither space nor in a comment is an opening brace.
bool begins_like_json(std::string_view text);

/// Parses a JSON object; // and /* */ comments and a comma after the last element are allowed.
/// `text` is valid UTF-8. Of a key given twice the last value counts. The error has line and text;
/// its file is left empty.
tl::expected<document_node::table, config_error> parse_json_document(std::string_view text);

}  // namespace reflector
