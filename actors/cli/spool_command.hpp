#pragma once

#include <functional>
#include <string>

namespace CLI {
class App;
}

namespace reflector {

/// `reflector spool` and its subcommands. Registers them; what is answered runs the one that was
/// given, after parsing, and answers the exit code.
/// @param configuration_file what -c said, read when it runs
std::function<int()> add_spool_command(CLI::App& app, const std::string& configuration_file);

}  // namespace reflector
