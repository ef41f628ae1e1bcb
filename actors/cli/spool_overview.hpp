#pragma once

#include "actors/cli/spool_place.hpp"
#include "actors/deliver/loss_ledger.hpp"
#include "actors/deliver/spool_inspection.hpp"
#include "messages/sample.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace reflector {

/// What waits for whom since when, and what became of the rest.
struct spool_overview {
  struct waiting_sample {
    std::uint64_t sequence = 0;
    std::string timestamp;  ///< as its JSON says it; empty where it says none
  };
  struct endpoint {
    std::string name;
    std::optional<bool> configured;        ///< nothing where no configuration was given
    std::optional<std::uint64_t> cursor;   ///< nothing where the agent has not met it yet
    std::uint64_t waiting = 0;             ///< samples behind the cursor, gaps not counted out
    std::optional<waiting_sample> oldest;  ///< of those that can be read
  };
  struct letters {
    std::uint64_t count = 0;
    wall_time newest;
  };

  std::string folder;
  bool exists = false;
  std::uint64_t oldest = 0, newest = 0;  ///< sequence numbers on the disk; 0: none
  std::uint64_t given_out = 0;           ///< past `newest` where the disk could not be written
  std::vector<endpoint> endpoints;       ///< in the configuration's order, then by name
  std::vector<spool_inspection::segment_facts> segments;
  std::vector<loss_ledger::entry> losses;  ///< that someone has not been told of
  std::map<std::string, letters> dead_letters;
  std::vector<std::string> corrupt_files;
  std::vector<std::string> problems;  ///< what could not be read
};

spool_overview overview_of(const spool_inspection& spool, const spool_place& place);

}  // namespace reflector
