#pragma once

#include "config/configuration.hpp"

#include <iosfwd>

namespace reflector {

/// Measures the host once, without actors, and prints the sample as indented JSON. Takes a little
/// over 100 ms, for the rates; leaves no trace on the disk. Collectors that fail are named in the
/// sample and on `err`.
int once_command(const configuration& config, std::ostream& out, std::ostream& err);

}  // namespace reflector
