#include "tests/faultlab/host/faults/faults.hpp"
#include "tests/faultlab/host/faults/queued_commands.hpp"

namespace reflector::faultlab {

fault_kind command_duplicates_fault() {
  return {.name = "command_duplicates",
          .group = "commands",
          .summary = "the same line several times, each a command of its own (counts queued ones)",
          .specs = {how_many("10")},
          .needs = {},
          .lasts = false,
          .make = [](const settings& is) {
            return std::make_unique<queued_commands>(
                is.count("count"), [](lab_world&, agent_handle&, std::uint64_t) {
                  return std::string{"/bin/echo the same line"};
                });
          }};
}

}  // namespace reflector::faultlab
