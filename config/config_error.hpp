#pragma once

#include <string>

namespace reflector {

/// One thing wrong with a configuration file.
struct config_error {
  std::string file;
  unsigned line = 0;  ///< from 1; 0 where the fault has no line of its own
  std::string
      key;  ///< "agent.interval", "endpoint[2].url" (counted from 1); empty: the file as a whole
  std::string text;  ///< what was expected, and what was found, on one line
};

/// "FILE:LINE: KEY: TEXT", always one line of printable text.
std::string to_string(const config_error& error);

}  // namespace reflector
