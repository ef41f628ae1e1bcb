#include "tests/faultlab/agents/toml_table.hpp"

#include "config/render_toml.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace reflector::faultlab {
namespace {

using array = document_node::array;

document_entry* entry_in(toml_table& in, std::string_view key) {
  const auto found = std::find_if(in.begin(), in.end(),
                                  [&](const document_entry& each) { return each.key == key; });
  return found == in.end() ? nullptr : &*found;
}

bool is_tables(const document_node& node) {
  const auto* list = std::get_if<array>(&node.value);
  return list != nullptr && !list->empty() &&
         std::all_of(list->begin(), list->end(), [](const document_node& each) {
           return std::holds_alternative<toml_table>(each.value);
         });
}

void merge_tables(array& into, array over) {
  const std::size_t before = into.size();
  for (std::size_t i = 0; i < over.size(); ++i) {
    auto& each = std::get<toml_table>(over[i].value);
    const auto* name = find_text(each, "name");
    auto place =
        name == nullptr && i < before ? into.begin() + static_cast<std::ptrdiff_t>(i) : into.end();
    if (name != nullptr)
      place = std::find_if(into.begin(), into.end(), [&](const document_node& old) {
        const auto* old_name = find_text(std::get<toml_table>(old.value), "name");
        return old_name != nullptr && *old_name == *name;
      });
    if (place == into.end())
      into.push_back(std::move(over[i]));
    else
      merge(std::get<toml_table>(place->value), std::move(each));
  }
}

std::string number_text(double number) {
  if (std::isnan(number)) return "nan";
  if (std::isinf(number)) return number > 0 ? "inf" : "-inf";
  char text[64];
  const auto end = std::to_chars(std::begin(text), std::end(text), number).ptr;
  std::string written{text, end};
  if (written.find_first_of(".e") == std::string::npos) written += ".0";
  return written;
}

std::string value_text(const document_node& node);

std::string key_text(const std::string& key) {
  constexpr auto bare = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
  return !key.empty() && key.find_first_not_of(bare) == std::string::npos ? key : toml_string(key);
}

std::string inline_table(const toml_table& entries) {
  std::string text = "{ ";
  for (const auto& each : entries)
    text += (text.size() > 2 ? ", " : "") + key_text(each.key) + " = " + value_text(each.node);
  return text + " }";
}

std::string value_text(const document_node& node) {
  if (const auto* text = std::get_if<std::string>(&node.value)) return toml_string(*text);
  if (const auto* flag = std::get_if<bool>(&node.value)) return *flag ? "true" : "false";
  if (const auto* whole = std::get_if<std::int64_t>(&node.value)) return std::to_string(*whole);
  if (const auto* number = std::get_if<double>(&node.value)) return number_text(*number);
  if (const auto* entries = std::get_if<toml_table>(&node.value)) return inline_table(*entries);
  if (const auto* list = std::get_if<array>(&node.value)) {
    std::string text = "[";
    for (const auto& each : *list) text += (text.size() > 1 ? ", " : "") + value_text(each);
    return text + "]";
  }
  return toml_string(description(node));
}

std::string lines_of(const toml_table& entries) {
  std::string text;
  for (const auto& each : entries)
    text += key_text(each.key) + " = " + value_text(each.node) + '\n';
  return text;
}

}  // namespace

void put_node(toml_table& into, std::string_view key, document_node value) {
  if (auto* old = entry_in(into, key))
    old->node = std::move(value);
  else
    into.push_back({std::string{key}, 0, std::move(value)});
}
void put(toml_table& into, std::string_view key, std::string value) {
  put_node(into, key, {0, std::move(value)});
}
void put(toml_table& into, std::string_view key, const char* value) {
  put(into, key, std::string{value});
}
void put(toml_table& into, std::string_view key, bool value) {
  put_node(into, key, {0, value});
}
void put(toml_table& into, std::string_view key, double value) {
  put_node(into, key, {0, value});
}
void put(toml_table& into, std::string_view key, std::int64_t value) {
  put_node(into, key, {0, value});
}
void drop(toml_table& from, std::string_view key) {
  std::erase_if(from, [&](const document_entry& each) { return each.key == key; });
}

const std::string* find_text(const toml_table& in, std::string_view key) {
  const auto* entry = find_entry(in, key);
  return entry == nullptr ? nullptr : std::get_if<std::string>(&entry->node.value);
}

toml_table& table_in(toml_table& in, std::string_view key) {
  const auto* entry = entry_in(in, key);
  if (entry == nullptr || !std::holds_alternative<toml_table>(entry->node.value))
    put_node(in, key, {0, toml_table{}});
  return std::get<toml_table>(entry_in(in, key)->node.value);
}

std::vector<toml_table*> tables_in(toml_table& in, std::string_view key) {
  std::vector<toml_table*> tables;
  auto* entry = entry_in(in, key);
  if (entry == nullptr) return tables;
  if (auto* one = std::get_if<toml_table>(&entry->node.value)) tables.push_back(one);
  if (is_tables(entry->node))
    for (auto& each : std::get<array>(entry->node.value))
      tables.push_back(&std::get<toml_table>(each.value));
  return tables;
}

void merge(toml_table& into, toml_table over) {
  for (auto& each : over) {
    auto* old = entry_in(into, each.key);
    if (old == nullptr) {
      into.push_back(std::move(each));
    } else if (std::holds_alternative<toml_table>(old->node.value) &&
               std::holds_alternative<toml_table>(each.node.value)) {
      merge(std::get<toml_table>(old->node.value),
            std::move(std::get<toml_table>(each.node.value)));
    } else if (is_tables(old->node) && is_tables(each.node)) {
      merge_tables(std::get<array>(old->node.value), std::move(std::get<array>(each.node.value)));
    } else {
      old->node = std::move(each.node);
    }
  }
}

std::string toml_text(const toml_table& document) {
  std::string plain, sections;
  for (const auto& each : document) {
    const std::string name = key_text(each.key);
    if (const auto* entries = std::get_if<toml_table>(&each.node.value)) {
      sections += "\n[" + name + "]\n" + lines_of(*entries);
    } else if (is_tables(each.node)) {
      for (const auto& one : std::get<array>(each.node.value))
        sections += "\n[[" + name + "]]\n" + lines_of(std::get<toml_table>(one.value));
    } else {
      plain += name + " = " + value_text(each.node) + '\n';
    }
  }
  return plain + sections;
}

}  // namespace reflector::faultlab
