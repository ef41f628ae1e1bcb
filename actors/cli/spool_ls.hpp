#pragma once

#include "actors/cli/spool_overview.hpp"
#include "actors/cli/spool_place.hpp"
#include "messages/sample.hpp"

#include <iosfwd>
#include <string>

namespace reflector {

/// `reflector spool ls`: what waits for whom since when. The exit code: 0; 1 where something is
/// damaged, which is named.
int spool_ls(const spool_place& place, bool as_json, wall_time now, std::ostream& out,
             std::ostream& err);

/// For a person, in a terminal of 80 columns.
std::string overview_text(const spool_overview& all, wall_time now);
/// For a program: one object, all of it.
std::string overview_json(const spool_overview& all);

}  // namespace reflector
