#pragma once

#include <functional>
#include <iosfwd>
#include <string>

namespace CLI {
class App;
}

namespace reflector {

/// Asks the agent that uses this state folder how it is, and prints that.
/// @return 0: all is well; 1: no agent answers; 3: it runs, and something is wrong
/// (status_problems.hpp)
int status_command(const std::string& state_dir, bool as_json, std::ostream& out,
                   std::ostream& err);

/// `reflector status`. Registers it; what is answered runs it after parsing and answers the exit
/// code.
/// @param configuration_file what -c said, read when it runs
std::function<int()> add_status_command(CLI::App& app, const std::string& configuration_file);

}  // namespace reflector
