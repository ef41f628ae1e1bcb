#pragma once

#include "tests/receiver/ego_receiver.hpp"

#include <string>

namespace reflector::receiver {

/// What Express's body parser makes of a request: the text of the body, or the answer it ends in.
struct parsed_body {
  bool is_json = false;  ///< another Content-Type: the handler sees an empty object
  bool failed = false;   ///< every error of the body parser is a 500
  std::string text;
};

/// Content-Type, charset and Content-Encoding as EGO's body parser takes them; 102,400 bytes after
/// inflating at most.
parsed_body parse_body(const logged_request& request);

}  // namespace reflector::receiver
