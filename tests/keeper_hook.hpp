#pragma once

#include "actors/command/command_keeper.hpp"

#include <cstddef>
#include <string_view>

// Lets a test's program be the keeper of the commands that it starts, as the agent's binary is of
// the agent's: by the time Boost.Test has its main it is too late.

namespace reflector::test {

[[gnu::constructor]] inline void keep_command_if_told(int argc, char** argv) {
  if (argc == 2 && std::string_view{argv[1]} == command_keeper_name) keep_command();
}

}  // namespace reflector::test
