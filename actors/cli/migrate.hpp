#pragma once

#include <iosfwd>
#include <string>

namespace reflector {

/// `reflector migrate FILE`: TOML on `out` that loads to the same effective configuration as FILE,
/// wherever it is put (paths are absolute in it). Errors and warnings as for check_command. The
/// exit code: 0, or 78 (EX_CONFIG).
int migrate_command(const std::string& path, std::ostream& out, std::ostream& err);

/// `reflector migrate FILE --into FOLDER`: the same as files of FOLDER that another configuration
/// can include, with what differs from the defaults; `out` says which. Each appears whole or not at
/// all, mode 0640. The folder is made where it is missing.
/// @param force in place of files that are there; else nothing is written then
/// @return the exit code: 0, 1 where they can't be written, or 78 (EX_CONFIG)
int migrate_into_command(const std::string& path, const std::string& folder, bool force,
                         std::ostream& out, std::ostream& err);

}  // namespace reflector
