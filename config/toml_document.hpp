#pragma once

#include "config/config_error.hpp"
#include "config/document.hpp"

#include <string_view>

#include <tl/expected.hpp>

namespace reflector {

/// Parses TOML 1.0. `text` is valid UTF-8. The error has line and text; its file is left empty.
tl::expected<document_node::table, config_error> parse_toml_document(std::string_view text);

}  // namespace reflector
