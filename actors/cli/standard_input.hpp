#pragma once

#include "messages/fault.hpp"

#include <cstddef>
#include <iosfwd>
#include <string>

namespace reflector {

/// All of it, at most `cap` bytes, without the newline at its end.
result<std::string> read_standard_input(std::istream& in, std::size_t cap);

}  // namespace reflector
