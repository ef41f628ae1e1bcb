#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace reflector {

/// Where a command has none to inherit.
inline constexpr std::string_view default_path =
    "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// What a command inherits of the agent's environment: the variables that are named, in that order,
/// as far as the agent has them, and always a PATH. HOME, USER and LOGNAME belong to whom it runs
/// as, so that they are left out of that of another user.
/// @param agent NAME=VALUE; the first of a name counts, as it does for getenv(3)
std::vector<std::string> command_environment(const std::vector<std::string>& names,
                                             const std::vector<std::string>& agent,
                                             bool of_another_user);

}  // namespace reflector
