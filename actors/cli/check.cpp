#include "actors/cli/check.hpp"

#include "actors/cli/describe_endpoint.hpp"
#include "actors/cli/exit_code.hpp"
#include "actors/command/command_gate.hpp"
#include "actors/text/quoted.hpp"
#include "config/configuration_load.hpp"
#include "config/render_toml.hpp"

#include <ostream>
#include <string>

namespace reflector {
namespace {

/// A comment for each file that was included, each endpoint and each group.
std::string comments_on(const loaded_configuration& loaded) {
  std::string comments;
  for (const auto& file : loaded.included) comments += "# included " + printable(file) + "\n";
  for (const auto& endpoint : loaded.value.endpoints)
    comments += "# " + describe_endpoint(endpoint) + "\n";
  for (const auto& group : loaded.value.groups)
    comments += "# " + describe_group(group, loaded.value) + "\n";
  return comments;
}

/// A comment for each queue of commands, on what it lets through; what keeps one from being decided
/// about goes to `err`.
/// @return whether all of them can be
bool describe_queues(const configuration& config, std::string& comments, std::ostream& err) {
  bool all = true;
  for (const auto& queue : config.commands) {
    const auto gate = command_gate::make(queue, config.agent.hostname, {});
    if (gate) {
      comments += "# commands " + printable(queue.queue_name()) + ": " + (*gate)->summary() + "\n";
    } else {
      err << gate.error().text << '\n';
      all = false;
    }
  }
  return all;
}

}  // namespace

int check_command(const std::string& path, std::ostream& out, std::ostream& err) {
  const auto loaded = load_configuration(path);
  if (!loaded) {
    for (const auto& error : loaded.error()) err << to_string(error) << '\n';
    return exit_configuration;
  }
  auto comments = comments_on(*loaded);
  if (!describe_queues(loaded->value, comments, err)) return exit_configuration;
  for (const auto& warning : loaded->warnings) err << "warning: " << warning << '\n';
  out << comments << (comments.empty() ? "" : "\n") << render_toml(loaded->value);
  return exit_success;
}

}  // namespace reflector
