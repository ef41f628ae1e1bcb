#pragma once

#include "config/log_config.hpp"
#include "messages/fault.hpp"

namespace reflector {

/// Sets up spdlog's default logger as the configuration says. A log file is flushed at each line of
/// level info and above, and rotated by size: FILE, FILE.1, … A disk that takes nothing costs
/// lines, no more: spdlog says so on standard error, at most once a second. Lines past
/// max_per_minute are counted instead (log_limit.hpp).
result<void> start_log(const log_config& config);

/// While it runs. From any thread.
void change_log_level(log_level level);

}  // namespace reflector
