#include "actors/command/command_rules.hpp"
#include "config/invalid_utf8.hpp"
#include "config/key_value.hpp"
#include "config/nearest_name.hpp"
#include "config/toml_document.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <type_traits>
#include <utility>

namespace reflector {
namespace {

using errors = std::vector<config_error>;

constexpr std::size_t max_arguments = 64;
constexpr std::size_t max_words = 256;
constexpr std::size_t max_word_bytes = 4096;
constexpr std::size_t max_expression_bytes = 1000;
constexpr text_rule a_word{text_form::plain, max_word_bytes};

/// The keys of [[commands]] that a rule may have as well.
constexpr std::array<std::string_view, 6> keys_of_the_queue{
    "timeout", "user", "no_new_privileges", "environment", "limits", "max_output_bytes"};

/// The keys of one table: those that are asked for are known, the others are refused at last.
class table_reader {
 public:
  table_reader(const document_node::table& table, std::string path, errors& out)
      : table_{table}, path_{std::move(path)}, out_{out} {}

  const document_entry* find(std::string_view name) {
    known_.push_back(name);
    return find_entry(table_, name);
  }

  const document_entry* required(std::string_view name, const document_node& owner) {
    const auto* entry = find(name);
    if (!entry) out_.push_back({{}, owner.line, path_of(name), "expected it, got none"});
    return entry;
  }

  void refuse(const document_entry& entry, std::string text) {
    out_.push_back({{}, entry.line, path_of(entry.key), std::move(text)});
  }

  void refuse_unknown() {
    for (const auto& entry : table_) {
      if (std::find(known_.begin(), known_.end(), entry.key) == known_.end())
        refuse(entry, unknown_key(entry.key, known_));
    }
  }

  /// A visitor of the schema: of its keys, those that a rule may have.
  template <class T, class R>
  void key(const key_info& info, T& member, const R& rule) {
    if (!is_taken(info.name)) return;
    const auto* entry = find(info.name);
    if (!entry) return;
    if (auto wrong = read_value(entry->node, member, rule)) refuse(*entry, *std::move(wrong));
  }
  template <class T>
  void section(const key_info& info, T& member) {
    if (!is_taken(info.name)) return;
    const auto* entry = find(info.name);
    if (!entry) return;
    const auto* table = std::get_if<document_node::table>(&entry->node.value);
    if (!table) return refuse(*entry, *expected("a table", entry->node));
    table_reader inner{*table, path_of(entry->key), out_};
    inner.takes_all_ = true;
    describe(inner, member);
    inner.refuse_unknown();
  }
  template <class T>
  void part(T&) {}

  std::string path_of(std::string_view key) const {
    return path_ + (path_.empty() ? "" : ".") + std::string{key};
  }

 private:
  bool is_taken(std::string_view name) const {
    return takes_all_ || std::find(keys_of_the_queue.begin(), keys_of_the_queue.end(), name) !=
                             keys_of_the_queue.end();
  }

  const document_node::table& table_;
  std::string path_;
  errors& out_;
  std::vector<std::string_view> known_;
  bool takes_all_ = false;
};

std::optional<argument_pattern> read_words(const document_entry& entry, table_reader& owner) {
  const auto* array = std::get_if<document_node::array>(&entry.node.value);
  std::vector<std::string> words;
  if (array && !array->empty() && array->size() <= max_words) {
    for (const auto& element : *array) {
      if (auto wrong = read_value(element, words.emplace_back(), a_word)) {
        owner.refuse(entry, *std::move(wrong));
        return std::nullopt;
      }
    }
    return argument_pattern::one_of(std::move(words));
  }
  owner.refuse(entry,
               *expected("a list of 1 to " + std::to_string(max_words) + " strings", entry.node));
  return std::nullopt;
}

std::optional<argument_pattern> read_expression(const document_entry& entry, table_reader& owner) {
  std::string expression;
  if (auto wrong =
          read_value(entry.node, expression, text_rule{text_form::plain, max_expression_bytes})) {
    owner.refuse(entry, *std::move(wrong));
    return std::nullopt;
  }
  auto pattern = argument_pattern::matching(expression);
  if (pattern) return std::move(*pattern);
  owner.refuse(entry,
               *expected("a regular expression (RE2)", entry.node) + ": " + pattern.error().text);
  return std::nullopt;
}

/// A path as is_plain_path has it, into `out`.
bool read_plain_path(const document_entry& entry, table_reader& owner, std::string& out) {
  std::string path;
  auto wrong = read_value(entry.node, path, path_rule{});
  if (wrong || !is_plain_path(path)) {
    owner.refuse(
        entry, *expected("an absolute path without `.`, `..`, `//` or `/` at its end", entry.node));
    return false;
  }
  out = std::move(path);
  return true;
}

std::optional<argument_pattern> read_folder(const document_entry& entry, table_reader& owner) {
  std::string folder;
  if (!read_plain_path(entry, owner, folder)) return std::nullopt;
  return argument_pattern::under(std::move(folder));
}

/// One of one_of, matches and under, which `table` is to have.
std::optional<argument_pattern> read_pattern(const document_node& node, table_reader& table,
                                             const std::string& path, errors& out) {
  using reader = std::optional<argument_pattern> (*)(const document_entry&, table_reader&);
  constexpr std::array<std::pair<std::string_view, reader>, 3> kinds{
      {{"one_of", read_words}, {"matches", read_expression}, {"under", read_folder}}};
  std::optional<argument_pattern> pattern;
  std::size_t given = 0;
  for (const auto& [name, read] : kinds) {
    const auto* entry = table.find(name);
    if (!entry) continue;
    ++given;
    pattern = read(*entry, table);
  }
  if (given == 1) return pattern;
  out.push_back({{},
                 node.line,
                 path,
                 "expected one of one_of, matches and under, got " +
                     (given == 0 ? std::string{"none"} : std::to_string(given))});
  return std::nullopt;
}

void read_argument(const document_node& node, const std::string& path, command_rule& rule,
                   errors& out) {
  if (const auto* table = std::get_if<document_node::table>(&node.value)) {
    table_reader reader{*table, path, out};
    if (auto pattern = read_pattern(node, reader, path, out))
      rule.arguments.push_back(std::move(*pattern));
    return reader.refuse_unknown();
  }
  std::vector<std::string> word(1);
  if (!std::holds_alternative<std::string>(node.value)) {
    out.push_back({{},
                   node.line,
                   path,
                   *expected("a string, or a table with one_of, matches or under", node)});
  } else if (auto wrong = read_value(node, word[0], a_word)) {
    out.push_back({{}, node.line, path, *std::move(wrong)});
  } else {
    rule.arguments.push_back(argument_pattern::one_of(std::move(word)));
  }
}

void read_arguments(const document_entry& entry, table_reader& owner, command_rule& rule,
                    errors& out) {
  const auto* array = std::get_if<document_node::array>(&entry.node.value);
  if (!array || array->size() > max_arguments) {
    return owner.refuse(
        entry,
        *expected("a list of at most " + std::to_string(max_arguments) + " arguments", entry.node));
  }
  for (std::size_t i = 0; i < array->size(); ++i)
    read_argument((*array)[i], owner.path_of(entry.key) + "[" + std::to_string(i + 1) + "]", rule,
                  out);
}

void read_rest(const document_entry& entry, table_reader& owner, command_rule& rule, errors& out) {
  const auto* table = std::get_if<document_node::table>(&entry.node.value);
  if (!table) return owner.refuse(entry, *expected("a table", entry.node));
  const auto path = owner.path_of(entry.key);
  table_reader reader{*table, path, out};
  auto pattern = read_pattern(entry.node, reader, path, out);
  unsigned most = 0;
  if (const auto* given = reader.required("most", entry.node)) {
    if (auto wrong = read_value(given->node, most, range<unsigned>{1, 4096}))
      reader.refuse(*given, *std::move(wrong));
  }
  reader.refuse_unknown();
  if (pattern) rule.rest = further_arguments{std::move(*pattern), most};
}

/// What is said of the queue, and of this rule otherwise.
void read_settings(const document_node::table& table, table_reader& reader,
                   const agent_account& agent, command_rule& rule) {
  describe(reader, rule.with);
  if (find_entry(table, "timeout")) rule.longest = rule.with.timeout;
  if (const auto* folder = reader.find("working_directory"))
    read_plain_path(*folder, reader, rule.with.working_directory);
  if (const auto* user = find_entry(table, "user")) {
    if (auto wrong = objection_to_user(rule.with.user, agent))
      reader.refuse(*user, *std::move(wrong));
  }
}

command_rule read_rule(const document_node& node, const std::string& path,
                       const commands_config& queue, const agent_account& agent, errors& out) {
  command_rule rule{{}, {}, {}, {}, {}, queue};
  const auto* table = std::get_if<document_node::table>(&node.value);
  if (!table) {
    out.push_back({{}, node.line, path, *expected("a table", node)});
    return rule;
  }
  table_reader reader{*table, path, out};
  if (const auto* name = reader.required("name", node)) {
    auto wrong = read_value(name->node, rule.name, text_rule{text_form::name, 64});
    // The audit log has these where no rule was needed.
    if (rule.name == "any" || rule.name == "signed")
      wrong = expected("a name other than `any` and `signed`", name->node);
    if (wrong) reader.refuse(*name, *std::move(wrong));
  }
  if (const auto* program = reader.required("program", node))
    read_plain_path(*program, reader, rule.program);
  if (const auto* arguments = reader.find("arguments"))
    read_arguments(*arguments, reader, rule, out);
  if (const auto* rest = reader.find("rest")) read_rest(*rest, reader, rule, out);
  read_settings(*table, reader, agent, rule);
  reader.refuse_unknown();
  return rule;
}

void read_rules(const document_node::table& root, const commands_config& queue,
                const agent_account& agent, command_rules& rules, errors& out) {
  table_reader reader{root, "", out};
  const auto* entry = reader.find("rule");
  reader.refuse_unknown();
  if (!entry && !out.empty()) return;  // it is what they were to be
  const auto* sections = entry ? std::get_if<document_node::array>(&entry->node.value) : nullptr;
  const auto count = sections ? sections->size() : 0;
  if (count == 0 || count > max_command_rules) {
    const unsigned line = entry ? entry->line : 0;
    out.push_back({{},
                   line,
                   "rule",
                   "expected 1 to " + std::to_string(max_command_rules) +
                       " [[rule]] sections, got " +
                       (sections || !entry ? std::to_string(count) : description(entry->node))});
    return;
  }
  std::map<std::string, std::string> owners;
  for (std::size_t i = 0; i < count; ++i) {
    const auto path = "rule[" + std::to_string(i + 1) + "]";
    const auto& node = (*sections)[i];
    auto& rule = rules.rules.emplace_back(read_rule(node, path, queue, agent, out));
    if (rule.name.empty()) continue;
    const auto [earlier, is_new] = owners.try_emplace(rule.name, path);
    if (!is_new)
      out.push_back({{},
                     node.line,
                     path + ".name",
                     "expected a name of its own, got the one that " + earlier->second + " has"});
  }
}

void sort_by_line(errors& all, const std::string& path) {
  for (auto& error : all) error.file = path;
  std::stable_sort(all.begin(), all.end(),
                   [](const auto& a, const auto& b) { return a.line - 1 < b.line - 1; });
}

}  // namespace

tl::expected<command_rules, std::vector<config_error>> parse_command_rules(
    std::string_view text, const std::string& path, const commands_config& queue,
    const agent_account& agent) {
  errors found;
  command_rules rules{path, {}};
  if (text.size() > max_command_rules_bytes) {
    found.push_back({{},
                     0,
                     {},
                     "expected at most " + std::to_string(max_command_rules_bytes) +
                         " bytes, got " + std::to_string(text.size())});
  } else if (const auto line = first_line_of_invalid_utf8(text)) {
    found.push_back({{}, *line, {}, "expected UTF-8, got bytes that are not"});
  } else if (auto document = parse_toml_document(text); !document) {
    found.push_back(std::move(document.error()));
  } else {
    read_rules(*document, queue, agent, rules, found);
  }
  if (found.empty()) return rules;
  sort_by_line(found, path);
  return tl::unexpected{std::move(found)};
}

}  // namespace reflector
