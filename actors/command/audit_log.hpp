#pragma once

#include "messages/audit.hpp"
#include "messages/fault.hpp"
#include "messages/sample.hpp"

#include <functional>
#include <memory>
#include <string>

namespace reflector {

/// Append-only JSON lines.
class audit_log {
 public:
  audit_log() = default;
  audit_log(const audit_log&) = delete;
  audit_log& operator=(const audit_log&) = delete;
  virtual ~audit_log() = default;

  /// The line is with the kernel when it returns. May block.
  virtual result<void> write(const audit_entry& entry) = 0;
};

/// At `path`, mode 0600, rotated at 8 MiB to path.1 … path.5.
std::unique_ptr<audit_log> open_audit_log(std::string path, std::function<wall_time()> wall_now);

}  // namespace reflector
