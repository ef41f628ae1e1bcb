#pragma once

#include "config/endpoint_config.hpp"
#include "config/process_limits.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace reflector {

enum class command_policy {
  deny,           ///< nothing is run
  allow,          ///< what a rule of rules_file allows
  signed_by_key,  ///< what a key of keys_file has signed; with a rules_file, only what that allows
  any,            ///< whatever the queue says
};

/// As the configuration has it.
constexpr std::string_view word_of(command_policy policy) {
  switch (policy) {
    case command_policy::deny:
      return "deny";
    case command_policy::allow:
      return "allow";
    case command_policy::signed_by_key:
      return "signed";
    case command_policy::any:
      return "any";
  }
  return "?";
}

/// [[commands]]: one queue of commands at headquarters.
struct commands_config {
  std::string name;  ///< in the journal and the audit log; empty: the URL
  std::string url;   ///< the queue's base: …/api/commands
  std::chrono::milliseconds poll{15'000};
  command_policy policy = command_policy::deny;
  std::string rules_file;  ///< see command_rules.hpp
  std::string keys_file;   ///< see trusted_keys.hpp
  /// With policy any, over http, as root.
  bool allow_root_over_http = false;
  std::chrono::milliseconds timeout{30'000};          ///< of a command that brings none
  std::chrono::milliseconds request_timeout{10'000};  ///< of a poll or a report
  std::uint64_t max_output_bytes = 64 * 1024;  ///< kept of each stream, its first and last ones
  unsigned concurrent = 4;                     ///< commands that run at the same time
  bool no_new_privileges = true;               ///< sudo and other setuid programs don't work
  std::string user;                            ///< empty: the agent's; another one needs root
  std::string working_directory = "/";
  /// Names of variables that a command inherits; it gets no others.
  std::vector<std::string> environment{"PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "TZ"};
  process_limits limits;
  retry_config retry;
  credentials_config credentials;

  /// What the journal and the audit log call it.
  const std::string& queue_name() const { return name.empty() ? url : name; }

  friend bool operator==(const commands_config&, const commands_config&) = default;
};

}  // namespace reflector
