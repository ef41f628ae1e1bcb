#pragma once

#include "actors/cli/spool_place.hpp"

#include <iosfwd>

namespace reflector {

/// `reflector spool verify`: every segment (SQLite's check, each record's checksum, no gap), the
/// cursors, the dead letters; a line each. The exit code: 0, or 1 where anything is wrong that the
/// agent has not dealt with already.
int spool_verify(const spool_place& place, std::ostream& out, std::ostream& err);

}  // namespace reflector
