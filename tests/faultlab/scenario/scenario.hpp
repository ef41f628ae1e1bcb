#pragma once

#include "tests/faultlab/fault.hpp"
#include "tests/faultlab/judge/expectation.hpp"
#include "tests/faultlab/settings.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace reflector::faultlab {

struct scenario_endpoint {
  std::string name;
  bool strict = false;  ///< an idempotent store that drops repeats, instead of EGO's
};

/// A line of the timeline. Keys of every [[fault]]: kind, at (or a random moment within
/// `between = ["2s", "8s"]`, drawn from the seed), for (unless its kind takes none), times and
/// pause (so often, that long apart; 1, "1s"), endpoint (of the wire group: one name; absent: all).
struct planned_fault {
  const fault_kind* kind = nullptr;
  settings values;                                   ///< of the kind's specs
  std::chrono::milliseconds earliest{0}, latest{0};  ///< equal: a fixed moment
  std::chrono::milliseconds lasts{0};
  std::uint64_t times = 1;
  std::chrono::milliseconds pause{1000};
  std::string endpoint;
  std::string text;  ///< `reset after_bytes=100 at 2s for 3s`
};

struct planned_expectation {
  const expectation_kind* kind = nullptr;
  settings values;
};

struct scenario {
  std::string name;                          ///< of its file, without .toml
  std::string title;                         ///< one sentence
  std::vector<std::string> tags;             ///< "quick": part of the subset that the tests run
  bool alone = false;                        ///< disturbs others: no other scenario runs beside it
  std::chrono::milliseconds interval{200};   ///< between samples
  std::chrono::milliseconds duration{8000};  ///< of the timeline; faults end within it
  std::chrono::milliseconds settle{20000};   ///< at most, until everything has arrived
  std::uint64_t agents = 1;
  bool commands = false;         ///< the first endpoint is a command queue too; policy any
  bool marked_commands = false;  ///< a marked command is queued every second
  std::vector<scenario_endpoint> endpoints;  ///< at least one
  std::string agent_toml;  ///< merged into the generated configuration ([agent_config] of the file)
  std::vector<planned_fault> faults;
  std::vector<planned_expectation> expectations;
};

}  // namespace reflector::faultlab
