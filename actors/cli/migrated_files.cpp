#include "actors/cli/migrated_files.hpp"

#include "actors/text/quoted.hpp"
#include "config/render_toml.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <sstream>
#include <string_view>
#include <utility>

namespace reflector {
namespace {

/// "[agent]" and its lines, one a key.
struct rendered_section {
  std::string heading;
  std::vector<std::string> lines;
};

std::vector<rendered_section> sections_of(const configuration& config) {
  std::vector<rendered_section> sections;
  std::istringstream text{render_toml(config)};
  for (std::string line; std::getline(text, line);) {
    if (line.starts_with('[')) {
      sections.push_back({line, {}});
    } else if (!line.empty()) {
      sections.back().lines.push_back(line);
    }
  }
  return sections;
}

/// A configuration at its defaults that has one of each section, and of each kind of endpoint.
configuration defaults() {
  configuration config;
  for (const auto kind : {endpoint_kind::ego, endpoint_kind::otlp, endpoint_kind::prometheus,
                          endpoint_kind::influx, endpoint_kind::file})
    config.endpoints.emplace_back().kind = kind;
  config.groups.emplace_back();
  config.commands.emplace_back();
  return config;
}

/// Lines that say the same as leaving them out. Of an endpoint those that do with its kind; the
/// kind itself is always said.
std::set<std::string> defaults_of(const rendered_section& section) {
  static const auto all = sections_of(defaults());
  const auto kind_of = [](const rendered_section& each) {
    const auto kind = std::find_if(each.lines.begin(), each.lines.end(),
                                   [](const auto& line) { return line.starts_with("kind = "); });
    return kind == each.lines.end() ? std::string{} : *kind;
  };
  for (const auto& each : all) {
    if (each.heading != section.heading || kind_of(each) != kind_of(section)) continue;
    std::set<std::string> lines{each.lines.begin(), each.lines.end()};
    lines.erase(kind_of(each));
    return lines;
  }
  return {};
}

struct destination {
  std::string_view name;
  std::array<std::string_view, 2> headings;  ///< of others: the first
};

constexpr std::array destinations{
    destination{"10-agent.toml", {}},
    destination{"20-endpoints.toml", {"[[endpoint]]", "[[group]]"}},
    destination{"30-commands.toml", {"[[commands]]", ""}},
};

std::size_t index_for(const std::string& heading) {
  for (std::size_t i = 1; i < destinations.size(); ++i) {
    const auto& headings = destinations[i].headings;
    if (std::find(headings.begin(), headings.end(), heading) != headings.end()) return i;
  }
  return 0;
}

}  // namespace

std::vector<migrated_file> files_for_include(const configuration& config, const std::string& from) {
  std::array<std::string, destinations.size()> bodies;
  for (const auto& section : sections_of(config)) {
    const auto known = defaults_of(section);
    std::string text;
    for (const auto& line : section.lines)
      if (!known.contains(line)) text += line + '\n';
    if (!text.empty()) bodies[index_for(section.heading)] += '\n' + section.heading + '\n' + text;
  }
  std::vector<migrated_file> files;
  for (std::size_t i = 0; i < bodies.size(); ++i) {
    if (bodies[i].empty()) continue;
    // No newline can end the comment early: control characters are escaped.
    files.push_back(
        {std::string{destinations[i].name}, "# From " + printable(from) + '\n' + bodies[i]});
  }
  return files;
}

}  // namespace reflector
