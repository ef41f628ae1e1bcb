#include "config/document_reader.hpp"

#include "config/include.hpp"
#include "config/key_value.hpp"
#include "config/nearest_name.hpp"
#include "config/schema.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace reflector {
namespace {

/// Enough for any fleet, and a bound on what a file can make the agent start.
constexpr std::size_t max_sections = 16;

/// Collects the names of a struct's own keys.
struct key_names {
  std::vector<std::string_view> names;

  template <class T, class R>
  void key(const key_info& info, T&, const R&) {
    names.push_back(info.name);
  }
  template <class T>
  void section(const key_info& info, T&) {
    names.push_back(info.name);
  }
  template <class T>
  void part(T& part) {
    describe(*this, part);
  }
};

std::vector<std::string_view> endpoint_keys(endpoint_kind kind) {
  endpoint_config endpoint;
  endpoint.kind = kind;
  key_names visitor;
  describe(visitor, endpoint);
  return std::move(visitor.names);
}

/// `"a" or "b"`: the kinds that have this key; empty: none.
std::string kinds_with(std::string_view key) {
  std::vector<std::string_view> words;
  for (const auto& choice : endpoint_kinds.choices) {
    const auto keys = endpoint_keys(choice.value);
    if (std::find(keys.begin(), keys.end(), key) != keys.end()) words.push_back(choice.word);
  }
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? " or " : ", ";
    text += '"' + std::string{words[i]} + '"';
  }
  return text;
}

class document_reader {
 public:
  document_reader(const document_node::table& table, std::string prefix,
                  const std::vector<std::string>& files, reading_of_document& out)
      : table_{table}, prefix_{std::move(prefix)}, files_{files}, out_{out} {}

  /// A key that others take out of the document before.
  void know(std::string_view key) { known_.push_back(key); }

  template <class T, class R>
  void key(const key_info& info, T& member, const R& rule) {
    const auto* entry = take(info);
    if (!entry) return;
    if (auto wrong = read_value(entry->node, member, rule)) {
      refuse(*entry, *std::move(wrong));
    }
  }

  template <class T>
  void section(const key_info& info, T& member) {
    if (const auto* entry = take(info)) read_section(entry->node, path_of(*entry), member);
  }

  template <class T>
  void sections(const key_info& info, std::vector<T>& members) {
    const auto* entry = take(info);
    if (!entry) return;
    const auto* elements = std::get_if<document_node::array>(&entry->node.value);
    if (!elements) {
      refuse(*entry, *expected("[[" + entry->key + "]] sections", entry->node));
      return;
    }
    if (elements->size() > max_sections) {
      refuse(*entry, "expected at most " + std::to_string(max_sections) + " sections, got " +
                         std::to_string(elements->size()));
      return;
    }
    for (const auto& element : *elements) {
      const auto path = path_of(*entry) + "[" + std::to_string(members.size() + 1) + "]";
      out_.places[path] = {element.line, path, element.file};
      read_section(element, path, members.emplace_back());
    }
  }

  template <class T>
  void part(T& part) {
    describe(*this, part);
  }

  /// After all keys were taken.
  void refuse_unknown() {
    for (const auto& entry : table_) {
      if (std::find(known_.begin(), known_.end(), entry.key) != known_.end()) continue;
      refuse(entry, unknown_key(entry.key, known_));
    }
  }

  /// Keys of the endpoint's other kinds are refused with that reason; where the kind itself is
  /// wrong they are let pass.
  void refuse_keys_of_other_kinds(endpoint_kind kind) {
    const auto* kind_entry = find_entry(table_, "kind");
    const auto* word = kind_entry ? std::get_if<std::string>(&kind_entry->node.value) : nullptr;
    const bool kind_is_known = !kind_entry || (word && *word == word_of(kind));
    for (const auto& entry : table_) {
      if (std::find(known_.begin(), known_.end(), entry.key) != known_.end()) continue;
      const std::string kinds = kinds_with(entry.key);
      if (kinds.empty()) continue;
      if (kind_is_known)
        refuse(entry, "expected only with kind = " + kinds + ", got it with kind = \"" +
                          std::string{word_of(kind)} + "\"");
      taken_elsewhere_.push_back(entry.key);
    }
    known_.insert(known_.end(), taken_elsewhere_.begin(), taken_elsewhere_.end());
  }

 private:
  const document_entry* take(const key_info& info) {
    known_.push_back(info.name);
    const auto* entry = find_entry(table_, info.name);
    if (entry) out_.places[path_of(*entry)] = {entry->line, path_of(*entry), entry->node.file};
    return entry;
  }

  template <class T>
  void read_section(const document_node& node, const std::string& path, T& member) {
    const auto* table = std::get_if<document_node::table>(&node.value);
    if (!table) {
      out_.errors.push_back({file_of(node), node.line, path, *expected("a table", node)});
      return;
    }
    document_reader reader{*table, path + ".", files_, out_};
    describe(reader, member);
    if constexpr (std::is_same_v<T, endpoint_config>) {
      reader.refuse_keys_of_other_kinds(member.kind);
    }
    reader.refuse_unknown();
  }

  std::string path_of(const document_entry& entry) const { return prefix_ + entry.key; }

  void refuse(const document_entry& entry, std::string text) {
    out_.errors.push_back({file_of(entry.node), entry.line, path_of(entry), std::move(text)});
  }

  std::string file_of(const document_node& node) const {
    return node.file < files_.size() ? files_[node.file] : std::string{};
  }

  const document_node::table& table_;
  std::string prefix_;
  const std::vector<std::string>& files_;
  reading_of_document& out_;
  std::vector<std::string_view> known_;
  std::vector<std::string_view> taken_elsewhere_;  ///< keys of other kinds, as the table has them
};

}  // namespace

reading_of_document read_document(const document_node::table& root,
                                  const std::vector<std::string>& files) {
  reading_of_document out;
  document_reader reader{root, "", files, out};
  describe(reader, out.value);
  reader.know(include_key);
  reader.refuse_unknown();
  return out;
}

}  // namespace reflector
