#pragma once

#include "actors/command/argument_pattern.hpp"
#include "config/agent_account.hpp"
#include "config/commands_config.hpp"
#include "config/config_error.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

// A rules file says what may be run. It is TOML (config/command-rules.example.toml is one), at most
// 256 KiB and 256 rules:
//
//   [[rule]]
//   name      = "disk-usage"       what the journal, the audit log and refusals call it; unique
//   program   = "/usr/bin/df"      absolute; the first word of the command must be exactly this
//   arguments = [                  an entry an argument, in their order, all of them; default: none
//     "-h",                            exactly this
//     { one_of = ["/", "/srv"] },      exactly one of these
//     { matches = "[a-z0-9-]{1,32}" }, the whole argument matches this RE2 expression
//     { under = "/var/log" },          this folder, or a path in it
//   ]
//   rest = { matches = "[a-z]+", most = 8 }
//                                  further arguments, each like this; one_of and under as well
//
// and, in place of what [[commands]] says of all commands of the queue:
//
//   timeout = "10s"                never longer than this, whatever the command or the queue says
//   user, no_new_privileges, working_directory (absolute), environment, max_output_bytes
//   limits = { … }                 those that are named; the others stay the queue's
//
// Arguments are what is left of the line after its words were split (shell_words.hpp) and their
// quotes taken off; no shell ever sees them. The first rule that allows a command is the one it
// runs by.
//
// An argument that begins with `-` is matched by nothing but a literal or one_of, so that no
// pattern lets an option in. Patterns match valid UTF-8 alone, without control characters, line
// separators and characters that set the direction of text. A path under a folder is absolute and
// plain: no `.`, `..`, `//` or `/` at its end. That is a matter of spelling: a symbolic link in the
// folder is followed by the program, so name no folder that others may write.

namespace reflector {

inline constexpr std::size_t max_command_rules_bytes = 256 * 1024;
inline constexpr std::size_t max_command_rules = 256;

struct further_arguments {
  argument_pattern each;
  unsigned most;
};

struct command_rule {
  std::string name;
  std::string program;
  std::vector<argument_pattern> arguments;
  std::optional<further_arguments> rest;
  std::optional<std::chrono::milliseconds> longest;  ///< its `timeout`
  commands_config with;  ///< the queue's settings, with the rule's own in their place
};

struct command_rules {
  std::string path;                 ///< of the file, for messages
  std::vector<command_rule> rules;  ///< at least one
};

/// @param queue whose commands they are for
/// @param agent that is to run them
/// @return the rules, or every error, in the order of the lines
tl::expected<command_rules, std::vector<config_error>> parse_command_rules(
    std::string_view text, const std::string& path, const commands_config& queue,
    const agent_account& agent);

/// The first one that allows a command of these words; otherwise what is missing, for the person
/// who has queued it.
/// @param words not empty
tl::expected<const command_rule*, std::string> find_rule(const command_rules& rules,
                                                         const std::vector<std::string>& words);

}  // namespace reflector
