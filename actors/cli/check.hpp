#pragma once

#include <iosfwd>
#include <string>

namespace reflector {

/// `reflector check`: the effective configuration as one TOML document on `out`, before it a
/// comment for each included file, for each endpoint and group on what goes there, and for each
/// queue of commands on what it lets through; or every error, a line each, on `err`, where warnings
/// go too. Rules and keys are read. The exit code: 0, or 78 (EX_CONFIG). Changes nothing.
int check_command(const std::string& path, std::ostream& out, std::ostream& err);

}  // namespace reflector
