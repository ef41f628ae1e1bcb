#pragma once

#include "actors/cli/spool_place.hpp"
#include "actors/cli/spool_show.hpp"

#include <iosfwd>

namespace reflector {

/// `reflector spool export`: JSON Lines on `out`, each sample's bytes as they are stored and sent.
/// What is damaged is left out and named on `err`. @param to_terminal nothing may steer it
/// The exit code: 0; 1 where something is damaged.
int spool_export(const spool_place& place, const spool_selection& which, bool to_terminal,
                 std::ostream& out, std::ostream& err);

}  // namespace reflector
