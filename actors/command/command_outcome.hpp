#pragma once

#include "actors/command/process_launcher.hpp"
#include "messages/command.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace reflector {

// How a command ended, in the terms of the queue it came from.

/// exit_code as a shell reports it: the exit status, 128 + signal, 127 for a program that isn't
/// there, 126 for one that can't be started. Output that isn't UTF-8 is replaced, and at most
/// `max_output_bytes` of each stream is kept, its beginning and its end (output_cut.hpp). A
/// cancelled one is `failed`, and its standard_error says that the agent stopped; that of one that
/// was not started, or whose keeper was killed, says why.
command_result result_of(const std::string& id, const process_outcome& outcome,
                         std::size_t max_output_bytes);

/// A command that was not run: `failed`, and standard_error says why. exit_code 126.
command_result not_run(const std::string& id, std::string why);

enum class cut_off { before_it_ran, while_running };

/// A command that the agent's end cut off: `failed`, without an exit_code.
command_result interrupted(const std::string& id, cut_off when);

/// Said of the commands of a queue whose policy is "deny".
inline constexpr std::string_view denied_text = "refused: [[commands]] policy is \"deny\"";

}  // namespace reflector
