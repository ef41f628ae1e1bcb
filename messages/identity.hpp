#pragma once

#include <string>

namespace reflector {

/// Together with a record's sequence number, what makes a sample unlike any other.
struct agent_identity {
  std::string id;  ///< UUID, made once per state_dir; empty where there is none (a single sample on
                   ///< request)
  std::string boot_id;  ///< the kernel's, so that a sequence number used again after a power cut is
                        ///< still unique
};

}  // namespace reflector
