#pragma once

#include <iosfwd>
#include <string>

namespace reflector {

/// A line on `err`. @return the exit code 1
int refuse(std::ostream& err, const std::string& text);

/// A path or a fault's text as it may be printed.
std::string one_line(const std::string& text);

}  // namespace reflector
