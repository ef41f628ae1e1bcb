#pragma once

#include "tests/faultlab/scenario/catalogue.hpp"

#include <iosfwd>
#include <string>
#include <vector>

namespace reflector::faultlab {

/// At most 100 columns. The library's scenarios; 1 where it isn't found or one of its files is
/// wrong, which `err` then says, a line an error (the others are listed all the same).
int list_scenarios(const catalogue& kinds, std::ostream& out, std::ostream& err);
/// Each group's kinds with their settings.
void list_faults(const catalogue& kinds, std::ostream& out);
void list_expectations(const catalogue& kinds, std::ostream& out);

/// `list [--faults] [--expectations]`. @return exit code: 0, 1 as above, 64 wrong usage
int list_command(const std::vector<std::string>& arguments, std::ostream& out, std::ostream& err);

}  // namespace reflector::faultlab
