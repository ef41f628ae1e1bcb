#include "config/legacy_json.hpp"

#include "actors/text/ascii.hpp"
#include "config/key_value.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace reflector {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

/// A number, or the text of one.
std::optional<double> liberal_number(const document_node& node) {
  if (const auto number = number_in(node)) return number;
  const auto* text = std::get_if<std::string>(&node.value);
  if (!text) return std::nullopt;
  double number = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (error != std::errc{} || end != text->data() + text->size()) return std::nullopt;
  return number;
}

/// As the old agent, written in Python, made text of a scalar.
std::optional<std::string> scalar_text(const document_node& node) {
  if (const auto* text = std::get_if<std::string>(&node.value)) return *text;
  if (const auto* boolean = std::get_if<bool>(&node.value)) return *boolean ? "True" : "False";
  if (const auto* integer = std::get_if<std::int64_t>(&node.value)) return std::to_string(*integer);
  if (const auto* number = std::get_if<double>(&node.value)) {
    char digits[32];
    const auto end = std::to_chars(digits, digits + sizeof digits, *number).ptr;
    std::string text{digits, end};
    if (text.find_first_of(".e") == std::string::npos) text += ".0";
    return text;
  }
  return std::nullopt;
}

bool is_null(const document_node& node) {
  return std::holds_alternative<std::nullptr_t>(node.value);
}

/// Reads the keys of one object, and warns of those nobody asked for.
class legacy_object {
 public:
  legacy_object(const document_node::table& table, std::string prefix, reading_of_document& out)
      : table_{table}, prefix_{std::move(prefix)}, out_{out} {}

  /// The entry, unless it is absent or null; from now on `effective` is known to be written here.
  const document_entry* find(std::string_view key, const std::string& effective) {
    known_.push_back(key);
    const auto* entry = find_entry(table_, key);
    if (!entry || is_null(entry->node)) return nullptr;
    out_.places[effective] = {entry->line, prefix_ + entry->key};
    return entry;
  }

  void refuse(const document_entry& entry, std::string text) {
    out_.errors.push_back({{}, entry.line, prefix_ + entry.key, std::move(text)});
  }

  void warn(const document_entry& entry, std::string text) {
    out_.warnings.push_back({{}, entry.line, prefix_ + entry.key, std::move(text)});
  }

  /// An empty string is an absent one.
  void text(std::string_view key, const std::string& effective, std::string& out, text_rule rule) {
    const auto* entry = find(key, effective);
    if (!entry) return;
    const auto* text = std::get_if<std::string>(&entry->node.value);
    if (text && text->empty()) return;
    if (auto wrong = read_value(entry->node, out, rule)) refuse(*entry, *std::move(wrong));
  }

  void boolean(std::string_view key, const std::string& effective, bool& out) {
    const auto* entry = find(key, effective);
    if (!entry) return;
    if (auto wrong = read_value(entry->node, out, any_boolean{})) refuse(*entry, *std::move(wrong));
  }

  /// Outside the bounds the nearest one is taken: the old agent knew none.
  void seconds(std::string_view key, const std::string& effective, milliseconds& out,
               range<milliseconds> bounds) {
    const auto* entry = find(key, effective);
    if (!entry) return;
    const auto number = liberal_number(entry->node);
    if (!number || !std::isfinite(*number) || *number <= 0) {
      refuse(*entry, *expected("a number of seconds above 0", entry->node));
      return;
    }
    using seconds_as_double = std::chrono::duration<double>;
    const auto low = std::chrono::duration_cast<seconds_as_double>(bounds.min).count();
    const auto high = std::chrono::duration_cast<seconds_as_double>(bounds.max).count();
    const auto taken = std::clamp(*number, low, high);
    out = milliseconds{std::llround(taken * 1000)};
    if (taken != *number) {
      warn(*entry, std::to_string(out.count()) + " ms is used in place of " +
                       description(entry->node) + " seconds");
    }
  }

  void warn_of_unknown() {
    for (const auto& entry : table_) {
      if (std::find(known_.begin(), known_.end(), entry.key) != known_.end()) continue;
      warn(entry, "unknown key, ignored");
    }
  }

 private:
  const document_node::table& table_;
  std::string prefix_;
  reading_of_document& out_;
  std::vector<std::string_view> known_;
};

/// A missing axis is 0, as EGO has it.
void read_position(const document_entry& entry, legacy_object& owner, reading_of_document& out) {
  const auto* axes = std::get_if<document_node::table>(&entry.node.value);
  if (!axes) {
    owner.refuse(entry, *expected("an object with x, y and z", entry.node));
    return;
  }
  legacy_object object{*axes, "position.", out};
  rack_position position;
  const std::array<std::pair<const char*, double*>, 3> names{
      {{"x", &position.x}, {"y", &position.y}, {"z", &position.z}}};
  for (const auto& [name, axis] : names) {
    const auto* value = object.find(name, std::string{"agent.position."} + name);
    if (!value) continue;
    const position_rule rule;
    const auto wrong = read_value(value->node, *axis, range<double>{rule.min, rule.max});
    if (wrong) object.refuse(*value, *wrong);
  }
  object.warn_of_unknown();
  out.value.agent.position = position;
}

void read_tags(const document_entry& entry, legacy_object& owner, reading_of_document& out) {
  const auto* table = std::get_if<document_node::table>(&entry.node.value);
  const tags_rule rule;
  if (!table || table->size() > rule.max_count) {
    owner.refuse(entry, *expected("an object of at most " + std::to_string(rule.max_count) +
                                      " names and strings",
                                  entry.node));
    return;
  }
  legacy_object object{*table, "tags.", out};
  for (const auto& tag : *table) {
    if (is_null(tag.node)) continue;
    const auto text = scalar_text(tag.node);
    if (!text) {
      object.refuse(tag, *expected("a string", tag.node));
    } else if (auto wrong = check_tag(tag.key, *text, rule)) {
      object.refuse(tag, *std::move(wrong));
    } else {
      out.value.agent.tags[tag.key] = *text;
    }
  }
}

/// Python's names, any case.
std::optional<log_level> level_named(std::string_view word) {
  const auto name = lower_case(word);
  if (name == "debug") return log_level::debug;
  if (name == "info") return log_level::info;
  if (name == "warn" || name == "warning") return log_level::warn;
  if (name == "error" || name == "critical" || name == "fatal") return log_level::error;
  return std::nullopt;
}

void read_logging(const document_entry& entry, legacy_object& owner, reading_of_document& out) {
  const auto* table = std::get_if<document_node::table>(&entry.node.value);
  if (!table) {
    owner.refuse(entry, *expected("an object", entry.node));
    return;
  }
  legacy_object object{*table, "logging.", out};
  auto& log = out.value.log;
  if (const auto* level = object.find("level", "log.level")) {
    const auto* word = std::get_if<std::string>(&level->node.value);
    const auto known = word ? level_named(*word) : std::nullopt;
    if (known) {
      log.level = *known;
    } else {
      object.refuse(*level, *expected("DEBUG, INFO, WARNING or ERROR", level->node));
    }
  }
  object.text("file", "log.file", log.file, text_rule{text_form::plain, 4095});
  if (const auto* size = object.find("max_bytes", "log.max_bytes")) {
    const auto number = liberal_number(size->node);
    if (number && *number >= 4096 && *number <= 1e12) {
      log.max_bytes = static_cast<std::uint64_t>(*number);
    } else {
      object.refuse(*size, *expected("a number of bytes from 4096 to 1e12", size->node));
    }
  }
  if (const auto* count = object.find("backup_count", "log.backup_count")) {
    auto wrong = read_value(count->node, log.backup_count, range<unsigned>{0, 100});
    if (wrong) object.refuse(*count, *std::move(wrong));
  }
  object.warn_of_unknown();
}

}  // namespace

reading_of_document read_legacy_document(const document_node::table& root) {
  reading_of_document out;
  legacy_object object{root, "", out};
  auto& agent = out.value.agent;
  agent.state_dir = "state";

  auto& endpoint = out.value.endpoints.emplace_back();
  endpoint.name = "ego";
  object.text("endpoint", "endpoint[1].url", endpoint.url, text_rule{text_form::http_url, 2048});
  out.places.try_emplace("endpoint[1].url", key_place{0, "endpoint"});

  object.text("hostname_override", "agent.hostname", agent.hostname,
              text_rule{text_form::hostname});
  object.text("rack", "agent.rack", agent.rack, text_rule{});
  object.seconds("interval_seconds", "agent.interval", agent.interval, {100ms, 1h});
  if (const auto* position = object.find("position", "agent.position")) {
    read_position(*position, object, out);
  }
  if (const auto* tags = object.find("tags", "agent.tags")) read_tags(*tags, object, out);
  if (const auto* logging = object.find("logging", "log")) read_logging(*logging, object, out);

  commands_config commands;
  commands.policy = command_policy::any;
  commands.max_output_bytes = 4096;
  commands.no_new_privileges = false;  // it could sudo
  object.text("command_endpoint", "commands[1].url", commands.url,
              text_rule{text_form::http_url, 2048});
  object.seconds("command_poll_seconds", "commands[1].poll", commands.poll, {1s, 1h});
  object.boolean("allow_root_over_http", "commands[1].allow_root_over_http",
                 commands.allow_root_over_http);
  if (!commands.url.empty()) {
    out.places["commands[1].policy"] = out.places["commands[1].url"];
    out.value.commands.push_back(std::move(commands));
  }
  object.warn_of_unknown();
  return out;
}

}  // namespace reflector
