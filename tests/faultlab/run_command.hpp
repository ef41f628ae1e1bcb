#pragma once

#include <iosfwd>
#include <string>
#include <vector>

namespace reflector::faultlab {

/// `run NAME… | --all | --tag TAG` and `probe -c FILE [NAME…]`: plays scenarios, each in a process
/// of its own, prints verdicts, writes reports. Exit codes: 0 all met (or honestly not run), 1
/// something failed, 2 nothing proven, 64 wrong usage, 78 a bad scenario or configuration, 130
/// interrupted.
int run_command(const std::vector<std::string>& arguments, bool probe, std::ostream& out,
                std::ostream& err);

}  // namespace reflector::faultlab
