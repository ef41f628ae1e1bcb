#pragma once

#include <string_view>

namespace reflector {

/// The hidden subcommand.
inline constexpr std::string_view command_keeper_name = "command-keeper";

/// A keeper's whole life (keeper_protocol.hpp), with its socket as descriptor 0 and the command's
/// pipes as 1 and 2. Exits the process, without what belongs to the agent being torn down.
[[noreturn]] void keep_command();

}  // namespace reflector
