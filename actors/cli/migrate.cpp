#include "actors/cli/migrate.hpp"

#include "actors/cli/exit_code.hpp"
#include "actors/text/quoted.hpp"
#include "config/configuration_load.hpp"
#include "config/render_toml.hpp"

#include <ostream>

namespace reflector {

int migrate_command(const std::string& path, std::ostream& out, std::ostream& err) {
  const auto loaded = load_configuration(path);
  if (!loaded) {
    for (const auto& error : loaded.error()) err << to_string(error) << '\n';
    return exit_configuration;
  }
  for (const auto& warning : loaded->warnings) err << "warning: " << warning << '\n';
  // No newline can end the comment early: control characters are escaped.
  out << "# From " << printable(loaded->path) << "\n\n" << render_toml(loaded->value);
  return exit_success;
}

}  // namespace reflector
