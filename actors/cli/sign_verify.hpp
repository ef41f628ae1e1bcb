#pragma once

#include "messages/sample.hpp"

#include <iosfwd>
#include <string>

namespace reflector {

struct sign_verify_request {
  std::string keys_file;
  std::string host;      ///< empty: any
  std::string envelope;  ///< "-": standard input
};

/// `reflector sign verify`: what the envelope says, and whether a host with these keys would take
/// it now. Who may write the keys file is not looked at; the agent does.
int sign_verify(const sign_verify_request& request, wall_time now, std::istream& in,
                std::ostream& out, std::ostream& err);

}  // namespace reflector
