#pragma once

#include "actors/os/unique_descriptor.hpp"
#include "actors/supervise/degradation.hpp"

namespace reflector {

/// Reads what this process costs: CLOCK_PROCESS_CPUTIME_ID, and the resident pages of
/// /proc/self/statm. Two system calls; the file stays open. It never fails: what can't be read
/// (no /proc) is 0, which is never beyond a limit.
class own_usage_reader {
 public:
  own_usage_reader();

  own_usage read() const;

 private:
  unique_descriptor statm_;
};

}  // namespace reflector
