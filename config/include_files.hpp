#pragma once

#include "config/include.hpp"

#include <string>
#include <vector>

namespace reflector {

struct included_files {
  /// As they are to be opened and called: below the folder that was given. Each once.
  std::vector<std::string> paths;
  std::vector<std::string> folders;  ///< that patterns were looked for in, whether any matched
  std::vector<config_error> errors;  ///< without their file
};

/// What the patterns stand for, in their order, the matches of one in that of their names' bytes. A
/// leading dot has to be matched by one. Relative patterns begin at the folder of `main`, which
/// itself is not included. A file that is missing is an error, a pattern that matches nothing is
/// not.
included_files find_included_files(const std::vector<include_pattern>& patterns,
                                   const std::string& main);

}  // namespace reflector
