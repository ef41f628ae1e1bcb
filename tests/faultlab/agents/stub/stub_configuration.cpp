#include "tests/faultlab/agents/stub/stub_configuration.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <sstream>
#include <utility>

namespace reflector::faultlab::stub {
namespace {

constexpr std::array<std::pair<std::string_view, defect>, 9> plain_defects{{
    {"reorder", defect::reorder},
    {"early_ack", defect::early_ack},
    {"twice", defect::twice},
    {"leak", defect::leak},
    {"changed_bytes", defect::changed_bytes},
    {"leftover", defect::leftover},
    {"secret", defect::secret},
    {"silent", defect::silent},
    {"crash", defect::crash},
}};

std::optional<std::uint64_t> number_in(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number == 0) return std::nullopt;
  return number;
}

std::vector<std::string> fields_of(const std::string& line) {
  std::vector<std::string> fields;
  for (std::size_t begin = 0; begin <= line.size();) {
    const auto end = std::min(line.find('\t', begin), line.size());
    fields.push_back(line.substr(begin, end - begin));
    begin = end + 1;
  }
  return fields;
}

std::string endpoint_line(const char* key, const stub_endpoint& each) {
  return std::string{key} + '\t' + each.name + '\t' + each.url + '\t' + each.ca_file + '\t' +
         each.token_file + '\n';
}

}  // namespace

std::optional<breakage> read_breakage(std::string_view text) {
  if (text.starts_with("drop:")) {
    const auto every = number_in(text.substr(5));
    return every ? std::optional{breakage{defect::drop, *every}} : std::nullopt;
  }
  for (const auto& [word, what] : plain_defects)
    if (text == word) return breakage{what, 0};
  return std::nullopt;
}

std::string configuration_text(const stub_configuration& all) {
  std::string text = "host\t" + all.host + "\nstate_dir\t" + all.state_dir + "\nlog\t" + all.log +
                     "\ninterval_ms\t" + std::to_string(all.interval.count()) + '\n';
  for (const auto& each : all.endpoints) text += endpoint_line("endpoint", each);
  if (!all.commands.url.empty()) text += endpoint_line("commands", all.commands);
  return text;
}

std::optional<stub_configuration> read_configuration(const std::string& text) {
  stub_configuration all;
  std::istringstream lines{text};
  for (std::string line; std::getline(lines, line);) {
    const auto fields = fields_of(line);
    const std::string& key = fields.front();
    const bool place = key == "endpoint" || key == "commands";
    if (fields.size() != (place ? 5U : 2U)) return std::nullopt;
    if (place) {
      stub_endpoint read{fields[1], fields[2], fields[3], fields[4]};
      if (key == "commands")
        all.commands = std::move(read);
      else
        all.endpoints.push_back(std::move(read));
    } else if (key == "host") {
      all.host = fields[1];
    } else if (key == "state_dir") {
      all.state_dir = fields[1];
    } else if (key == "log") {
      all.log = fields[1];
    } else if (const auto number = number_in(fields[1]); key == "interval_ms" && number) {
      all.interval = std::chrono::milliseconds{*number};
    } else {
      return std::nullopt;
    }
  }
  if (all.host.empty() || all.state_dir.empty() || all.endpoints.empty()) return std::nullopt;
  return all;
}

}  // namespace reflector::faultlab::stub
