#pragma once

#include "tests/faultlab/scenario/catalogue.hpp"
#include "tests/faultlab/scenario/scenario.hpp"

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include <tl/expected.hpp>

/// A scenario file is TOML, at most 256 KiB. Durations are texts like "1.5s", sizes like "64KiB" or
/// whole numbers of bytes.
///
///   title = "Both endpoints are out for three seconds"   # required, one sentence
///   tags = ["quick"]         # letters, digits, `-`; default: none
///   alone = false            # true: no other scenario runs beside it
///   interval = "200ms"       # between two samples
///   duration = "8s"          # of the timeline: every fault ends within it
///   settle = "20s"           # at most, until everything has arrived
///   agents = 1               # how many; they share the endpoints
///   commands = false         # the first endpoint is a command queue too
///   marked_commands = false  # a command that counts its own runs is queued every second
///   expect_all = ["conservation", "order"]  # expectations as they are; `list --expectations`
///
///   [[endpoint]]             # absent: one, called "ego"
///   name = "north"           # lower-case letters, digits, `-`: its host name is north.lab.test
///   strict = false           # an idempotent store that drops repeats, instead of EGO's
///
///   [agent_config]           # merged over the configuration that the lab writes for the agent
///   spool = { max_bytes = "8MiB" }
///
///   [[fault]]                # none: the scenario is calm
///   kind = "reset"           # `list --faults`
///   at = "2s"                # or between = ["2s", "8s"]: a moment drawn from the seed
///   for = "3s"               # required where the kind lasts, refused where it doesn't
///   times = 1                # so often …
///   pause = "1s"             # … so long from the end of one to the beginning of the next
///   endpoint = "north"       # of the groups wire and dns alone; absent: all
///   after_bytes = 100        # the kind's own settings
///
///   [[expect]]               # an expectation with settings; at least one, here or in expect_all
///   kind = "undisturbed"
///   endpoint = "south"
namespace reflector::faultlab {

inline constexpr std::size_t max_scenario_bytes = std::size_t{256} << 10;

/// A scenario, or all that is wrong with its file: lines "FILE:LINE: KEY: what was expected, and
/// what was found", in the order of the file.
tl::expected<scenario, std::vector<std::string>> read_scenario(const std::filesystem::path& file,
                                                               const catalogue& kinds);

}  // namespace reflector::faultlab
