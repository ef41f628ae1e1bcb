#include "tests/faultlab/host/faults/faults.hpp"
#include "tests/faultlab/host/faults/queued_commands.hpp"

namespace reflector::faultlab {

fault_kind command_flood_fault() {
  return {.name = "command_flood",
          .group = "commands",
          .summary = "commands at once (counts queued ones)",
          .specs = {how_many("100")},
          .needs = {},
          .lasts = false,
          .make = [](const settings& is) { return marked_commands(is.count("count"), ""); }};
}

}  // namespace reflector::faultlab
