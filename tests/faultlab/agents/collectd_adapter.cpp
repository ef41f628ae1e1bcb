#include "tests/faultlab/agents/collectd_adapter.hpp"

#include "tests/faultlab/agents/program_call.hpp"

#include <algorithm>

namespace reflector::faultlab {
namespace {

/// A string of collectd.conf(5): a backslash escapes a quote or itself.
std::string text(const std::string& content) {
  std::string quoted_text = "\"";
  for (const char each : content) {
    if (each == '"' || each == '\\') quoted_text += '\\';
    quoted_text += each;
  }
  return quoted_text + '"';
}

std::string node(const endpoint_target& each) {
  std::string lines = "  <Node " + text(each.name) + ">\n    URL " + text(each.url) +
                      "\n    Format \"JSON\"\n    Timeout 2000\n    BufferSize 1024\n";
  if (!each.ca_file.empty()) lines += "    CACert " + text(each.ca_file) + '\n';
  if (!each.token.empty())
    lines += "    Header " + text("Authorization: Bearer " + each.token) + '\n';
  return lines + "  </Node>\n";
}

}  // namespace

tl::expected<std::unique_ptr<collectd_adapter>, std::string> collectd_adapter::open(
    const std::filesystem::path& program) {
  // It has no --version, but its help ends with a line that says it; its exit code is of no use.
  const auto help = call_program({program.string(), "-h"});
  if (!help) return tl::unexpected{help.error()};
  const std::string said = help->output + help->errors, before = "collectd ";
  const auto at = said.rfind('\n' + before);
  if (at == std::string::npos) return tl::unexpected{program.string() + " is no collectd"};
  const auto from = at + 1 + before.size();
  return std::unique_ptr<collectd_adapter>{
      new collectd_adapter{program, said.substr(from, said.find_first_of(",\n", from) - from)}};
}

tl::expected<std::filesystem::path, std::string> collectd_adapter::configure(
    const agent_setup& setup) {
  if (!setup.own_configuration.empty())
    return tl::unexpected{std::string{"collectd takes no configuration of yours here"}};
  folder_ = setup.folder;
  configuration_ = folder_ / "collectd.conf";
  const auto seconds = std::max(1.0, std::chrono::duration<double>{setup.interval}.count());
  std::string lines =
      "Hostname " + text(setup.host) + "\nFQDNLookup false\nBaseDir " + text(setup.state_dir) +
      "\nPIDFile " + text(folder_ / "collectd.pid") + "\nInterval " + std::to_string(seconds) +
      "\nLoadPlugin logfile\n<Plugin logfile>\n  File " + text(folder_ / "agent.log") +
      "\n  LogLevel info\n  Timestamp true\n</Plugin>\n";
  for (const char* each : {"load", "cpu", "memory", "write_http"})
    lines += std::string{"LoadPlugin "} + each + '\n';
  lines += "<Plugin write_http>\n";
  for (const auto& each : setup.endpoints) lines += node(each);
  return write_private(configuration_, lines + "</Plugin>\n" + setup.extra);
}

}  // namespace reflector::faultlab
