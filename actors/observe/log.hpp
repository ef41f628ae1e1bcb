#pragma once

#include "config/log_config.hpp"
#include "messages/fault.hpp"

namespace reflector {

/// Sets up spdlog's default logger as the configuration says. A log file is flushed at each line of
/// level info and above, and rotated by size: FILE, FILE.1, …
result<void> start_log(const log_config& config);

/// While it runs. From any thread.
void change_log_level(log_level level);

}  // namespace reflector
