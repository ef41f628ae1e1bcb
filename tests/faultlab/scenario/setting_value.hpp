#pragma once

#include "config/document.hpp"
#include "tests/faultlab/settings.hpp"

#include <string>

#include <tl/expected.hpp>

namespace reflector::faultlab {

/// A value as a setting takes it; the error says what was expected, and quotes what was found.
tl::expected<settings::value, std::string> read_value(const document_node& node,
                                                      const setting_spec& spec);

/// What stands for an absent key. Of an empty `fallback`: zero, false or "". A fallback that the
/// setting itself would refuse is a bug: std::logic_error.
settings::value fallback_of(const setting_spec& spec);

/// "a duration from "1ms" to "1h"" and the like.
std::string expected_form(const setting_spec& spec);

/// "duration", "bytes" …, as `list` says it.
std::string word_of(setting_kind kind);

}  // namespace reflector::faultlab
