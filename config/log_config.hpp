#pragma once

#include <cstdint>
#include <string>

namespace reflector {

/// debug: for its developers. info: a change of state. warn: something is not as it should be,
/// nothing is lost. error: an operator is needed, or something was lost.
enum class log_level { debug, info, warn, error };

/// [log]
struct log_config {
  log_level level = log_level::info;
  std::string file;  ///< relative: to the configuration file's folder; empty: standard error
  std::uint64_t max_bytes = 5 * 1024 * 1024;  ///< then the file is rotated
  unsigned backup_count = 3;
  /// Lines; what is over is counted, and the count said. Errors have a tenth of it to themselves.
  unsigned max_per_minute = 600;

  friend bool operator==(const log_config&, const log_config&) = default;
};

}  // namespace reflector
