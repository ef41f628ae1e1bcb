#pragma once

#include "messages/status.hpp"

namespace reflector {

/// What this process costs, measured when it is asked. Made when the agent starts.
class own_process {
 public:
  own_process();

  /// What /proc doesn't say is left out.
  process_status measure() const;

 private:
  monotonic_time started_;
  wall_time started_wall_;
};

}  // namespace reflector
