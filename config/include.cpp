#include "config/include.hpp"

#include "config/key_value.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

namespace reflector {
namespace {

/// Sections of which there may be several, each in a file of its own.
constexpr std::array<std::string_view, 3> appended{"endpoint", "group", "commands"};

constexpr std::size_t max_pattern_bytes = 4095;

void set_file(document_node& node, unsigned file) {
  node.file = file;
  if (auto* elements = std::get_if<document_node::array>(&node.value)) {
    for (auto& element : *elements) set_file(element, file);
  } else if (auto* table = std::get_if<document_node::table>(&node.value)) {
    set_file(*table, file);
  }
}

class merger {
 public:
  explicit merger(const std::vector<std::string>& files) : files_{files} {}

  void merge(document_node::table& whole, document_node::table more, const std::string& prefix) {
    for (auto& entry : more) {
      const auto there = std::find_if(whole.begin(), whole.end(),
                                      [&](const auto& each) { return each.key == entry.key; });
      if (there == whole.end()) {
        whole.push_back(std::move(entry));
      } else {
        merge(*there, std::move(entry), prefix);
      }
    }
  }

  std::vector<config_error> errors = {};

 private:
  void merge(document_entry& there, document_entry entry, const std::string& prefix) {
    auto* const table = std::get_if<document_node::table>(&there.node.value);
    auto* const more = std::get_if<document_node::table>(&entry.node.value);
    if (table && more) return merge(*table, std::move(*more), prefix + entry.key + ".");
    auto* const array = std::get_if<document_node::array>(&there.node.value);
    auto* const elements = std::get_if<document_node::array>(&entry.node.value);
    const bool is_appended =
        prefix.empty() && std::find(appended.begin(), appended.end(), entry.key) != appended.end();
    if (is_appended && array && elements) {
      std::move(elements->begin(), elements->end(), std::back_inserter(*array));
      return;
    }
    errors.push_back({files_.at(entry.node.file), entry.line, prefix + entry.key,
                      "expected it once, got it in " + files_.at(there.node.file) + ":" +
                          std::to_string(there.line) + " before"});
  }

  const std::vector<std::string>& files_;
};

}  // namespace

std::optional<document_entry> take_include(document_node::table& root) {
  const auto found = std::find_if(root.begin(), root.end(),
                                  [](const auto& entry) { return entry.key == include_key; });
  if (found == root.end()) return std::nullopt;
  auto taken = std::move(*found);
  root.erase(found);
  return taken;
}

include_patterns patterns_in(const document_entry& include) {
  include_patterns out;
  const auto take = [&](const document_node& node) {
    const auto* text = std::get_if<std::string>(&node.value);
    if (!text || text->empty() || text->size() > max_pattern_bytes ||
        text->find('\0') != std::string::npos) {
      out.errors.push_back(
          {{}, node.line, include.key, *expected("a path, or a pattern like conf.d/*.toml", node)});
    } else {
      out.all.push_back({*text, node.line});
    }
  };
  const auto* list = std::get_if<document_node::array>(&include.node.value);
  if (!list) {
    take(include.node);
  } else if (list->size() > max_included_files) {
    out.errors.push_back({{},
                          include.line,
                          include.key,
                          "expected at most " + std::to_string(max_included_files) +
                              " paths or patterns, got " + std::to_string(list->size())});
  } else {
    for (const auto& each : *list) take(each);
  }
  return out;
}

void set_file(document_node::table& root, unsigned file) {
  for (auto& entry : root) set_file(entry.node, file);
}

std::vector<config_error> merge_document(document_node::table& whole, document_node::table more,
                                         const std::vector<std::string>& files) {
  merger both{files};
  both.merge(whole, std::move(more), "");
  return std::move(both.errors);
}

}  // namespace reflector
