#pragma once

#include <string>
#include <vector>

namespace reflector::faultlab {

/// What a marked command runs, the words behind `reflector-faultlab ran`:
///
///   MARKS_FILE TOKEN [--sleep S] [--output N] [--forks N] [--exit N]
///
/// appends a line "TOKEN PID" to MARKS_FILE by one write, then leaves N children (1,000 at most; of
/// each three one is in a session of its own and one ignores SIGTERM) that sleep for a minute,
/// prints N bytes, sleeps S seconds, and answers N, its exit code. 2: wrong usage; 3: no mark.
int ran(const std::vector<std::string>& arguments);

}  // namespace reflector::faultlab
