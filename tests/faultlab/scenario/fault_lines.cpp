#include "tests/faultlab/scenario/fault_lines.hpp"

#include "config/duration.hpp"
#include "tests/faultlab/scenario/setting_value.hpp"

#include <stdexcept>

namespace reflector::faultlab {
namespace {

using std::chrono::milliseconds;

constexpr double longest_ms = 3'600'000;
constexpr double most_times = 1000;

setting_spec moment_spec(std::string name, double least) {
  return {std::move(name), setting_kind::duration, {}, {}, false, least, longest_ms};
}

bool takes_endpoint(const fault_kind& kind) {
  return kind.group == "wire" || kind.group == "dns";
}

void read_between(table_reader& line, const document_entry& entry, planned_fault& planned) {
  const auto* array = std::get_if<document_node::array>(&entry.node.value);
  if (!array || array->size() != 2) {
    line.refuse(entry, "expected two durations, as in [\"2s\", \"8s\"]; got " +
                           (array ? std::to_string(array->size()) : description(entry.node)));
    return;
  }
  const auto from = read_value((*array)[0], moment_spec({}, 0));
  const auto to = read_value((*array)[1], moment_spec({}, 0));
  if (!from || !to) {
    line.refuse(entry, from ? to.error() : from.error());
    return;
  }
  planned.earliest = std::get<milliseconds>(*from);
  planned.latest = std::get<milliseconds>(*to);
  if (planned.earliest > planned.latest)
    line.refuse(entry, "expected the earlier moment first; got " + description((*array)[0]) +
                           " and " + description((*array)[1]));
}

void read_moment(table_reader& line, planned_fault& planned) {
  const auto at = line.value(moment_spec("at", 0));
  const auto* between = line.take("between");
  const bool has_at = find_entry(line.table(), "at") != nullptr;
  if (has_at && between)
    line.refuse(*between, "expected `at` or `between`, got both");
  else if (between)
    read_between(line, *between, planned);
  else if (at)
    planned.earliest = planned.latest = std::get<milliseconds>(*at);
  else if (!has_at)
    line.refuse("at", "missing: expected `at = \"2s\"` or `between = [\"2s\", \"8s\"]`");
}

void read_length(table_reader& line, planned_fault& planned) {
  const auto lasts = line.value(moment_spec("for", 1));
  const auto* entry = find_entry(line.table(), "for");
  if (lasts) planned.lasts = std::get<milliseconds>(*lasts);
  if (entry && !planned.kind->lasts) {
    line.refuse(*entry, reflector::quoted(planned.kind->name) +
                            " happens at one moment and takes no `for`; got " +
                            description(entry->node));
  } else if (!entry && planned.kind->lasts) {
    line.refuse("for", "missing: " + reflector::quoted(planned.kind->name) +
                           " lasts, expected how long, as in `for = \"3s\"`");
  }
}

void read_repeats(table_reader& line, planned_fault& planned) {
  const auto times = line.value({"times", setting_kind::count, {}, {}, false, 1, most_times});
  const auto pause = line.value(moment_spec("pause", 1));
  if (times) planned.times = std::get<std::uint64_t>(*times);
  if (pause) planned.pause = std::get<milliseconds>(*pause);
  if (find_entry(line.table(), "pause") && planned.times == 1)
    line.refuse("pause", "expected only with `times` above 1");
}

void read_endpoint(table_reader& line, planned_fault& planned, const scenario& of) {
  const auto endpoint = line.value({"endpoint", setting_kind::text, {}, {}});
  const auto* entry = find_entry(line.table(), "endpoint");
  if (!takes_endpoint(*planned.kind)) {
    if (entry)
      line.refuse(*entry, reflector::quoted(planned.kind->name) + " is of the group " +
                              reflector::quoted(planned.kind->group) +
                              " and takes no endpoint; got " + description(entry->node));
    return;
  }
  if (endpoint) planned.endpoint = std::get<std::string>(*endpoint);
  check_endpoint(line, "endpoint", planned.endpoint, of);
  planned.values.put("endpoint", planned.endpoint);
}

/// A value as it may stand in a line: without quotes where it is one word.
std::string brief(const document_node& node) {
  const auto* plain = std::get_if<std::string>(&node.value);
  if (plain && !plain->empty() && plain->find(' ') == std::string::npos) return printable(*plain);
  const auto text = description(node);
  return text.front() == '`' ? text.substr(1, text.size() - 2) : text;
}

/// Settings that the file gives, in the order of the specs, then when.
std::string told(const table_reader& line, const planned_fault& planned) {
  auto text = planned.kind->name;
  for (const auto& spec : planned.kind->specs)
    if (const auto* entry = find_entry(line.table(), spec.name))
      text += ' ' + spec.name + '=' + brief(entry->node);
  if (!planned.endpoint.empty()) text += " on " + planned.endpoint;
  text += planned.earliest == planned.latest ? " at " + format_duration(planned.earliest)
                                             : " between " + format_duration(planned.earliest) +
                                                   " and " + format_duration(planned.latest);
  if (planned.kind->lasts) text += " for " + format_duration(planned.lasts);
  if (planned.times > 1)
    text += ", " + std::to_string(planned.times) + " times, " + format_duration(planned.pause) +
            " apart";
  return text;
}

}  // namespace

milliseconds latest_end(const planned_fault& planned) {
  const auto times = static_cast<milliseconds::rep>(planned.times);
  return planned.latest + times * planned.lasts + (times - 1) * planned.pause;
}

void check_endpoint(table_reader& line, std::string_view key, const std::string& name,
                    const scenario& of) {
  if (!name.empty())
    find_kind(line, key, "endpoint", name, std::span<const scenario_endpoint>{of.endpoints});
}

std::optional<planned_fault> read_fault(table_reader& line, std::span<const fault_kind> kinds,
                                        const scenario& of) {
  const auto name = line.value({"kind", setting_kind::text, {}, {}});
  if (!name) {
    if (!find_entry(line.table(), "kind")) line.refuse("kind", "missing: expected a kind of fault");
    return std::nullopt;
  }
  const auto* kind = find_kind(line, "kind", "fault", std::get<std::string>(*name), kinds);
  if (!kind) return std::nullopt;

  planned_fault planned;
  planned.kind = kind;
  planned.values = line.read(kind->specs);
  read_moment(line, planned);
  read_length(line, planned);
  read_repeats(line, planned);
  read_endpoint(line, planned, of);
  line.refuse_unknown();

  if (const auto end = latest_end(planned); end > of.duration)
    line.refuse("", "expected it to end within the scenario's duration of " +
                        format_duration(of.duration) + "; its last end is at " +
                        format_duration(end));
  if (kind->group == "commands" && !of.commands)
    line.refuse("kind", reflector::quoted(kind->name) + " needs `commands = true`");
  try {
    if (kind->make) static_cast<void>(kind->make(planned.values));
  } catch (const std::invalid_argument& contradiction) {
    line.refuse("", contradiction.what());
  }
  planned.text = told(line, planned);
  return planned;
}

}  // namespace reflector::faultlab
