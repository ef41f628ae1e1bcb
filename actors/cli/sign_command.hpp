#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace reflector {

/// `reflector sign` and its subcommands. Registers them; what is answered runs the one that was
/// given, after parsing, and answers the exit code.
std::function<int()> add_sign_command(CLI::App& app);

}  // namespace reflector
