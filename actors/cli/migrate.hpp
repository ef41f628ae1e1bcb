#pragma once

#include <iosfwd>
#include <string>

namespace reflector {

/// `reflector migrate FILE`: TOML on `out` that loads to the same effective configuration as FILE,
/// wherever it is put (paths are absolute in it). Errors and warnings as for check_command. The
/// exit code: 0, or 78 (EX_CONFIG).
int migrate_command(const std::string& path, std::ostream& out, std::ostream& err);

}  // namespace reflector
