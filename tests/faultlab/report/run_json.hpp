#pragma once

#include "tests/faultlab/judge/judged_run.hpp"

#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace reflector::faultlab {

/// The whole record and its verdicts on one line. Samples and readings are arrays without names,
/// and a host or agent id that came before is its number. Times are cut to microseconds, ill-formed
/// UTF-8 becomes U+FFFD; what from_json() reads is written the same again.
std::string to_json(const judged_run&);
/// The error says where the text is wrong.
tl::expected<judged_run, std::string> from_json(std::string_view);

}  // namespace reflector::faultlab
