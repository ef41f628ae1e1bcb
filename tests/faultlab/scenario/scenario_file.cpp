#include "tests/faultlab/scenario/scenario_file.hpp"

#include "actors/os/regular_file.hpp"
#include "actors/text/quoted.hpp"
#include "config/config_error.hpp"
#include "config/invalid_utf8.hpp"
#include "config/toml_document.hpp"
#include "tests/faultlab/agents/toml_table.hpp"
#include "tests/faultlab/scenario/expectation_lines.hpp"
#include "tests/faultlab/scenario/fault_lines.hpp"
#include "tests/faultlab/scenario/table_reader.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace reflector::faultlab {
namespace {

constexpr std::size_t max_endpoints = 16;
constexpr double hour_ms = 3'600'000;

const std::array<setting_spec, 8>& file_specs() {
  static const std::array<setting_spec, 8> specs{{
      {"title", setting_kind::text, {}, {}, true},
      {"alone", setting_kind::flag, {}, {}},
      {"interval", setting_kind::duration, {}, "200ms", false, 1, hour_ms},
      {"duration", setting_kind::duration, {}, "8s", false, 100, hour_ms},
      {"settle", setting_kind::duration, {}, "20s", false, 100, hour_ms},
      {"agents", setting_kind::count, {}, "1", false, 1, 1000},
      {"commands", setting_kind::flag, {}, {}},
      {"marked_commands", setting_kind::flag, {}, {}},
  }};
  return specs;
}

/// What may stand in a host name, in a file name and on a command line.
bool is_name(const std::string& text) {
  return !text.empty() && text.size() <= 32 && text.front() != '-' && text.back() != '-' &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
         });
}

void refuse_name(table_reader& line, std::string_view key, const std::string& name) {
  line.refuse(key, "expected 1 to 32 lower-case letters, digits or `-`, none at its ends; got " +
                       reflector::quoted(name));
}

void read_endpoints(table_reader& file, scenario& out) {
  std::set<std::string> names;
  for (auto& line : file.tables("endpoint")) {
    const setting_spec name{"name", setting_kind::text, {}, {}, true};
    const auto values =
        line.read(std::array{name, setting_spec{"strict", setting_kind::flag, {}, {}}});
    line.refuse_unknown();
    out.endpoints.push_back({values.text("name"), values.flag("strict")});
    const auto& given = out.endpoints.back().name;
    const auto* entry = find_entry(line.table(), "name");
    if (!entry || !std::holds_alternative<std::string>(entry->node.value)) continue;
    if (!is_name(given)) refuse_name(line, "name", given);
    if (!names.insert(given).second)
      line.refuse("name", "expected a name of its own; got " + reflector::quoted(given) + " again");
  }
  const auto* entry = find_entry(file.table(), "endpoint");
  if (!entry)
    out.endpoints.push_back({"ego", false});
  else if (out.endpoints.empty())
    file.refuse("endpoint", "expected at least one [[endpoint]]");
  if (out.endpoints.size() > max_endpoints)
    file.refuse("endpoint", "expected at most " + std::to_string(max_endpoints) + "; got " +
                                std::to_string(out.endpoints.size()));
}

void read_own_keys(table_reader& file, scenario& out) {
  const auto values = file.read(file_specs());
  out.title = values.text("title");
  out.alone = values.flag("alone");
  out.interval = values.duration("interval");
  out.duration = values.duration("duration");
  out.settle = values.duration("settle");
  out.agents = values.count("agents");
  out.commands = values.flag("commands");
  out.marked_commands = values.flag("marked_commands");
  if (const auto* title = find_entry(file.table(), "title");
      title && out.title.empty() && std::holds_alternative<std::string>(title->node.value))
    file.refuse(*title, "expected one sentence; got " + description(title->node));
  if (out.title.find('\n') != std::string::npos)
    file.refuse("title", "expected one line; got " + reflector::quoted(out.title));
  if (out.marked_commands && !out.commands)
    file.refuse("marked_commands", "expected only with `commands = true`");

  out.tags = file.texts("tags");
  for (const auto& tag : out.tags)
    if (!is_name(tag)) refuse_name(file, "tags", tag);

  if (const auto* entry = file.take("agent_config")) {
    if (const auto* table = std::get_if<document_node::table>(&entry->node.value))
      out.agent_toml = toml_text(*table);
    else
      file.refuse(*entry, "expected a table; got " + description(entry->node));
  }
}

scenario read_document(const document_node::table& root, const catalogue& kinds,
                       std::vector<config_error>& errors) {
  scenario out;
  table_reader file{root, {}, 1, errors};
  read_own_keys(file, out);
  read_endpoints(file, out);
  for (auto& line : file.tables("fault"))
    if (auto planned = read_fault(line, kinds.faults, out))
      out.faults.push_back(*std::move(planned));
  out.expectations = read_expectations(file, kinds.expectations, out);
  file.refuse_unknown();
  return out;
}

tl::expected<document_node::table, config_error> read_table(const std::filesystem::path& file) {
  const auto text = read_regular_file(file.string(), max_scenario_bytes);
  if (!text) return tl::unexpected{config_error{{}, 0, {}, text.error().text}};
  if (const auto line = first_line_of_invalid_utf8(*text))
    return tl::unexpected{config_error{{}, *line, {}, "expected UTF-8"}};
  return parse_toml_document(*text);
}

}  // namespace

tl::expected<scenario, std::vector<std::string>> read_scenario(const std::filesystem::path& file,
                                                               const catalogue& kinds) {
  std::vector<config_error> errors;
  scenario out;
  if (const auto table = read_table(file))
    out = read_document(*table, kinds, errors);
  else
    errors.push_back(table.error());
  out.name = file.stem().string();
  if (errors.empty()) return out;

  std::stable_sort(errors.begin(), errors.end(),
                   [](const auto& a, const auto& b) { return a.line < b.line; });
  std::vector<std::string> lines;
  for (auto& each : errors) {
    each.file = file.string();
    lines.push_back(to_string(each));
  }
  return tl::unexpected{std::move(lines)};
}

}  // namespace reflector::faultlab
