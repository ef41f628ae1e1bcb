#pragma once

#include <iosfwd>
#include <string>

namespace reflector {

struct sign_keygen_request {
  std::string file;
  std::string id;  ///< empty: the file's name without its extension
};

/// `reflector sign keygen`: a new private key in `file`, and the line of a keys file for it in
/// FILE.pub and on `out`. Neither file may be there.
int sign_keygen(const sign_keygen_request& request, std::ostream& out, std::ostream& err);

/// What sign_keygen has written beside the private key.
std::string public_file_of(const std::string& private_file);

}  // namespace reflector
