#pragma once

#include "actors/cli/sequence_range.hpp"
#include "actors/cli/spool_place.hpp"

#include <iosfwd>
#include <optional>
#include <string>

namespace reflector {

struct spool_selection {
  std::optional<sequence_range> range;
  std::string endpoint;  ///< not empty: only what waits for it
};

/// `reflector spool show`: these samples as indented JSON; without a range the newest one, or with
/// an endpoint the oldest that waits for it. The exit code: 0; 1 where nothing is there or some of
/// it is damaged.
int spool_show(const spool_place& place, const spool_selection& which, std::ostream& out,
               std::ostream& err);

}  // namespace reflector
