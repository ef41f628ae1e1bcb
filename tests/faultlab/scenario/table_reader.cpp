#include "tests/faultlab/scenario/table_reader.hpp"

#include "config/nearest_name.hpp"
#include "tests/faultlab/scenario/setting_value.hpp"

#include <algorithm>

namespace reflector::faultlab {
namespace {

constexpr std::size_t max_tables = 200;

}  // namespace

std::string suggestion(std::string_view name, std::span<const std::string_view> known) {
  return unknown_key(name, known).substr(std::string_view{"unknown key"}.size());
}

const document_entry* table_reader::take(std::string_view key) {
  known_.emplace_back(key);
  return find_entry(table_, key);
}

std::optional<settings::value> table_reader::value(const setting_spec& spec) {
  const auto* entry = take(spec.name);
  if (!entry) return std::nullopt;
  auto content = read_value(entry->node, spec);
  if (content) return *std::move(content);
  refuse(*entry, content.error());
  return std::nullopt;
}

settings::value table_reader::value_or_fallback(const setting_spec& spec) {
  if (auto content = value(spec)) return *std::move(content);
  if (spec.required) {
    if (!find_entry(table_, spec.name))
      refuse(spec.name, "missing: expected " + expected_form(spec));
    auto nothing = spec;
    nothing.fallback.clear();
    return fallback_of(nothing);
  }
  return fallback_of(spec);
}

settings table_reader::read(std::span<const setting_spec> specs) {
  settings values;
  for (const auto& spec : specs) values.put(spec.name, value_or_fallback(spec));
  return values;
}

std::vector<std::string> table_reader::texts(std::string_view key) {
  std::vector<std::string> found;
  const auto* entry = take(key);
  if (!entry) return found;
  const auto* array = std::get_if<document_node::array>(&entry->node.value);
  if (!array) {
    refuse(*entry, "expected a list of texts; got " + description(entry->node));
    return found;
  }
  for (const auto& element : *array) {
    const auto* text = std::get_if<std::string>(&element.value);
    if (text && !text->empty()) {
      found.push_back(*text);
    } else {
      errors_.push_back({{},
                         element.line,
                         path_of(key),
                         "expected a list of texts; one is " + description(element)});
    }
  }
  return found;
}

std::vector<table_reader> table_reader::tables(std::string_view key) {
  std::vector<table_reader> found;
  const auto* entry = take(key);
  if (!entry) return found;
  const auto* array = std::get_if<document_node::array>(&entry->node.value);
  if (!array || array->size() > max_tables) {
    refuse(*entry, "expected at most " + std::to_string(max_tables) + " [[" + std::string{key} +
                       "]]; got " +
                       (array ? std::to_string(array->size()) : description(entry->node)));
    return found;
  }
  std::size_t number = 0;
  for (const auto& element : *array) {
    const auto path = path_of(key) + '[' + std::to_string(++number) + ']';
    if (const auto* table = std::get_if<document_node::table>(&element.value)) {
      found.emplace_back(*table, path, element.line, errors_);
    } else {
      errors_.push_back({{}, element.line, path, "expected a table; got " + description(element)});
    }
  }
  return found;
}

table_reader table_reader::at_key(std::string_view key, const document_node::table& table) const {
  const auto* entry = find_entry(table_, key);
  return {table, path_of(key), entry ? entry->line : line_, errors_};
}

void table_reader::refuse(std::string_view key, std::string text) {
  const auto* entry = find_entry(table_, key);
  errors_.push_back({{}, entry ? entry->line : line_, path_of(key), std::move(text)});
}

void table_reader::refuse(const document_entry& entry, std::string text) {
  errors_.push_back({{}, entry.line, path_of(entry.key), std::move(text)});
}

void table_reader::refuse_unknown() {
  const std::vector<std::string_view> known{known_.begin(), known_.end()};
  for (const auto& entry : table_)
    if (std::find(known.begin(), known.end(), entry.key) == known.end())
      refuse(entry, unknown_key(entry.key, known));
}

std::string table_reader::path_of(std::string_view key) const {
  if (key.empty()) return path_;
  return path_.empty() ? std::string{key} : path_ + '.' + std::string{key};
}

}  // namespace reflector::faultlab
