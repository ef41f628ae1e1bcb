#include "tests/faultlab/host/faults/faults.hpp"
#include "tests/faultlab/host/faults/queued_commands.hpp"

namespace reflector::faultlab {

fault_kind command_output_fault() {
  return {.name = "command_output",
          .group = "commands",
          .summary = "commands that print much (counts queued ones)",
          .specs = {how_many("3"),
                    {.name = "bytes",
                     .kind = setting_kind::bytes,
                     .meaning = "of each command",
                     .fallback = "8MiB",
                     .most = 1e9}},
          .needs = {},
          .lasts = false,
          .make = [](const settings& is) {
            return marked_commands(is.count("count"),
                                   "--output " + std::to_string(is.bytes("bytes")));
          }};
}

}  // namespace reflector::faultlab
