#include "tests/faultlab/host/faults/faults.hpp"
#include "tests/faultlab/host/faults/queued_commands.hpp"

namespace reflector::faultlab {

fault_kind command_fork_bomb_fault() {
  return {.name = "command_fork_bomb",
          .group = "commands",
          .summary = "commands that leave processes behind (counts queued ones)",
          .specs = {how_many("3"),
                    {.name = "forks",
                     .kind = setting_kind::count,
                     .meaning = "processes of each command",
                     .fallback = "50",
                     .least = 1,
                     .most = 1000}},
          .needs = {},
          .lasts = false,
          .make = [](const settings& is) {
            return marked_commands(is.count("count"),
                                   "--forks " + std::to_string(is.count("forks")));
          }};
}

}  // namespace reflector::faultlab
