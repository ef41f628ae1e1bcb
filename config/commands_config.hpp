#pragma once

#include "config/endpoint_config.hpp"

#include <chrono>
#include <cstdint>
#include <string>

namespace reflector {

enum class command_policy { deny, any };

/// [[commands]]: one queue of commands at headquarters.
struct commands_config {
  std::string url;  ///< the queue's base: …/api/commands
  std::chrono::milliseconds poll{15'000};
  command_policy policy = command_policy::deny;
  std::chrono::milliseconds timeout{30'000};          ///< of a command that brings none
  std::chrono::milliseconds request_timeout{10'000};  ///< of a poll or a report
  std::uint64_t max_output_bytes = 4096;  ///< kept of each stream, the last ones; at most 32 KiB
  unsigned concurrent = 4;                ///< commands that run at the same time
  retry_config retry;
  credentials_config credentials;

  friend bool operator==(const commands_config&, const commands_config&) = default;
};

}  // namespace reflector
