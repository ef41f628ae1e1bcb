#pragma once

#include "tests/faultlab/judge/judged_run.hpp"

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace reflector::faultlab {

/// "ok", "FAILED", "not shown" or "not run".
std::string in_words(outcome);
std::size_t count_of(const judged_run&, outcome);
/// A run as a whole: failed if anything did; else not shown if anything isn't, or nothing was
/// expected; else not run if anything wasn't; else met.
outcome whole(const judged_run&);
/// "3 ok, 1 FAILED", outcomes that don't occur left out.
std::string tally(const judged_run&);
/// What identifies a run: seed, versions, hashes, the command that repeats it; empty ones left out.
std::vector<std::pair<std::string, std::string>> particulars(const run_record&);
/// "fired 3 times", "never fired" or "not run: why".
std::string effect(const fault_record&);

}  // namespace reflector::faultlab
