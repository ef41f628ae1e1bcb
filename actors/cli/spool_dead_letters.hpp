#pragma once

#include "actors/cli/spool_place.hpp"
#include "messages/sample.hpp"

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>

namespace reflector {

struct dead_letters_request {
  std::string endpoint;               ///< empty: of all; not with `remove`
  bool as_json = false;               ///< JSON Lines
  bool remove = false;                ///< all of the endpoint's
  std::optional<std::uint64_t> show;  ///< this sample's JSON
};

/// `reflector spool dead-letters`: what endpoints refused for good, oldest first, with their
/// answers. The exit code: 0; 1 where something is damaged or not there.
int spool_dead_letters(const spool_place& place, const dead_letters_request& request, wall_time now,
                       std::ostream& out, std::ostream& err);

}  // namespace reflector
