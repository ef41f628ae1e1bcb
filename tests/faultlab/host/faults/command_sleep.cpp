#include "tests/faultlab/host/faults/faults.hpp"
#include "tests/faultlab/host/faults/queued_commands.hpp"

namespace reflector::faultlab {

fault_kind command_sleep_fault() {
  return {
      .name = "command_sleep",
      .group = "commands",
      .summary = "commands that take long (counts queued ones)",
      .specs = {how_many("5"),
                {.name = "sleep",
                 .kind = setting_kind::duration,
                 .meaning = "of each command; time-out is 20 s",
                 .fallback = "5s",
                 .most = 600'000}},
      .needs = {},
      .lasts = false,
      .make = [](const settings& is) {
        return marked_commands(
            is.count("count"),
            "--sleep " + std::to_string(static_cast<double>(is.duration("sleep").count()) / 1000));
      }};
}

}  // namespace reflector::faultlab
