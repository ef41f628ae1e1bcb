#pragma once

#include "messages/sample.hpp"

#include <chrono>
#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>

namespace reflector {

struct sign_envelope_request {
  std::string key_file;
  std::string id;  ///< empty: the one in the key's .pub file
  std::string host;
  std::string valid_for = "15m";           ///< a duration, from now on or from not_before
  std::optional<std::int64_t> not_before;  ///< Unix time; absent: a minute ago, as clocks differ
  std::string line;                        ///< "-": standard input
};

/// `reflector sign command`: the envelope, a line.
int sign_envelope(const sign_envelope_request& request, wall_time now, std::istream& in,
                  std::ostream& out, std::ostream& err);

}  // namespace reflector
