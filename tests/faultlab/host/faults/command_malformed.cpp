#include "tests/faultlab/host/faults/faults.hpp"
#include "tests/faultlab/host/faults/queued_commands.hpp"

namespace reflector::faultlab {

namespace {

std::string malformed(lab_world& world, agent_handle&, std::uint64_t number) {
  switch (number % 6) {
    case 0:
      return "/bin/echo 'never closed";
    case 1:
      return "/bin/echo \"neither\\";
    case 2:
      return "   ";
    case 3:
      return "/no/such/program " + std::string(100'000, 'x');
    case 4:
      return "/no/such/\x1b[31m\x7f\x01 \xf0\x9f\x92\xa3 \xc2\x85";
    default:
      break;
  }
  std::string garbage;
  while (garbage.size() < 200) garbage += static_cast<char>(1 + world.random()() % 127);
  // Whatever it says, it can't be a program's name.
  return "/no/such/" + garbage;
}

}  // namespace

fault_kind command_malformed_fault() {
  return {.name = "command_malformed",
          .group = "commands",
          .summary = "lines with open quotes, garbage, 100 kB (counts queued ones)",
          .specs = {how_many("12")},
          .needs = {},
          .lasts = false,
          .make = [](const settings& is) {
            return std::make_unique<queued_commands>(is.count("count"), malformed);
          }};
}

}  // namespace reflector::faultlab
