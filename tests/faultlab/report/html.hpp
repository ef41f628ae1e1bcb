#pragma once

#include "tests/faultlab/judge/judged_run.hpp"

#include <string>
#include <vector>

namespace reflector::faultlab {

/// One page without scripts or anything from elsewhere, legible in light and dark and on a phone.
std::string html_page(const std::vector<judged_run>&);

/// Its style sheet.
extern const char* const page_style;

}  // namespace reflector::faultlab
