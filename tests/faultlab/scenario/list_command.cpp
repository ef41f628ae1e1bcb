#include "tests/faultlab/scenario/list_command.hpp"

#include "actors/text/quoted.hpp"
#include "config/duration.hpp"
#include "tests/faultlab/scenario/scenario_file.hpp"
#include "tests/faultlab/scenario/scenario_library.hpp"
#include "tests/faultlab/scenario/setting_value.hpp"
#include "tests/faultlab/scenario/wrapped_rows.hpp"

#include <algorithm>
#include <ostream>

namespace reflector::faultlab {
namespace {

constexpr std::size_t columns = 100;
constexpr int wrong_usage = 64;

using rows = std::vector<std::vector<std::string>>;

std::string joined(const std::vector<std::string>& texts) {
  std::string all;
  for (const auto& text : texts) all += (all.empty() ? "" : ", ") + text;
  return all;
}

std::string words_of(const std::set<need>& needs) {
  static const std::vector<std::string> words{"preload",     "disk", "namespaces",
                                              "name server", "tls",  "cgroup"};
  std::vector<std::string> all;
  for (const auto each : needs) all.push_back(words.at(static_cast<std::size_t>(each)));
  return joined(all);
}

/// A kind, and each of its settings below it.
void add(rows& to, const std::string& name, const std::string& summary,
         const std::vector<setting_spec>& specs) {
  to.push_back({name, summary});
  for (const auto& spec : specs) {
    auto text = word_of(spec.kind);
    if (spec.required)
      text += ", required";
    else if (!spec.fallback.empty())
      text += ", default " + spec.fallback;
    text += ": " + spec.meaning;
    if (!spec.choices.empty()) text += " (" + joined(spec.choices) + ')';
    to.push_back({"  " + spec.name, text});
  }
}

}  // namespace

void list_faults(const catalogue& kinds, std::ostream& out) {
  std::vector<std::string> groups;
  for (const auto& kind : kinds.faults)
    if (std::find(groups.begin(), groups.end(), kind.group) == groups.end())
      groups.push_back(kind.group);
  for (const auto& group : groups) {
    rows lines;
    for (const auto& kind : kinds.faults) {
      if (kind.group != group) continue;
      auto summary = kind.summary;
      if (!kind.needs.empty()) summary += " [needs " + words_of(kind.needs) + ']';
      add(lines, kind.name, summary, kind.specs);
    }
    if (group != groups.front()) out << '\n';
    out << wrapped_rows({"[" + group + "]", ""}, lines, columns);
  }
}

void list_expectations(const catalogue& kinds, std::ostream& out) {
  rows lines;
  for (const auto& kind : kinds.expectations) add(lines, kind.name, kind.summary, kind.specs);
  out << wrapped_rows({"expectation", ""}, lines, columns);
}

int list_scenarios(const catalogue& kinds, std::ostream& out, std::ostream& err) {
  const auto folder = scenario_library();
  if (!folder) {
    err << folder.error() << '\n';
    return 1;
  }
  int exit_code = 0;
  rows lines;
  for (const auto& name : scenario_names()) {
    const auto each = read_scenario(*folder / (name + ".toml"), kinds);
    if (each) {
      auto tags = each->tags;
      if (each->alone) tags.emplace_back("alone");
      lines.push_back(
          {name, format_duration(each->duration), joined(tags), printable(each->title)});
      continue;
    }
    exit_code = 1;
    for (const auto& line : each.error()) err << line << '\n';
  }
  out << wrapped_rows({"scenario", "lasts", "tags", ""}, lines, columns);
  return exit_code;
}

int list_command(const std::vector<std::string>& arguments, std::ostream& out, std::ostream& err) {
  bool faults = false, expectations = false;
  for (const auto& each : arguments) {
    if (each == "--faults") {
      faults = true;
    } else if (each == "--expectations") {
      expectations = true;
    } else {
      err << "list: expected --faults or --expectations; got " << reflector::quoted(each) << '\n';
      return wrong_usage;
    }
  }
  if (!faults && !expectations) return list_scenarios(whole_catalogue(), out, err);
  if (faults) list_faults(whole_catalogue(), out);
  if (faults && expectations) out << '\n';
  if (expectations) list_expectations(whole_catalogue(), out);
  return 0;
}

}  // namespace reflector::faultlab
