#pragma once

#include "messages/sample.hpp"

#include <string>

namespace reflector {

/// One sample as a line for a person, without the newline:
///
///   12:00:05  cpu  12.5%  mem  41.0%  load 0.71  net ↓ 1.2 MB/s ↑ 80.1 kB/s  top firefox 35%
///
/// Local time; network rates of all interfaces but lo since `previous` (null: none are shown); what
/// is absent in the sample is shown as "-". Control characters in names are shown as "?".
std::string sample_line(const sample& now, const sample* previous);

}  // namespace reflector
