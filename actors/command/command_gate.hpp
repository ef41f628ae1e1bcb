#pragma once

#include "actors/command/process_launcher.hpp"
#include "config/commands_config.hpp"
#include "messages/command.hpp"
#include "messages/fault.hpp"
#include "messages/tick.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace reflector {

/// What is to become of one command, and why.
struct command_decision {
  std::optional<process_request> run;  ///< nothing: it is refused
  /// For the person who queued it, naming the rule that is missing; empty where it is to be run.
  std::string refused;
  std::string rule;    ///< that allowed it: a rule's name, "signed" or "any"; empty: none did
  std::string key_id;  ///< of the key that has signed it, where that was verified
  /// What a signed command can be used for but once, at most 200 bytes; empty: nothing.
  std::string claim;
  std::optional<wall_time> signed_from;  ///< a signed one's not-before
};

/// Decides by a queue's policy which of its commands are run, and with what. Immutable; a reload
/// makes a new one.
class command_gate {
 public:
  /// Reads rules_file and keys_file, which the policy needs to be there. The fault has a line for
  /// each error, FILE:LINE: KEY: …
  /// @param hostname whose commands these are: a signed one must be for it
  /// @param environment the agent's own, NAME=VALUE
  static result<std::shared_ptr<const command_gate>> make(
      const commands_config& config, const std::string& hostname,
      const std::vector<std::string>& environment);

  virtual ~command_gate() = default;

  /// Never throws, however hostile the line. `command::wrong` is not its business.
  virtual command_decision decide(const command& asked, wall_time now) const = 0;

  /// Two gates that decide alike have the same one: of the configuration and the files' contents.
  virtual const std::string& fingerprint() const = 0;

  /// What it lets through, for people: "policy allow: 12 rules of `/etc/…`".
  virtual std::string summary() const { return {}; }
};

}  // namespace reflector
