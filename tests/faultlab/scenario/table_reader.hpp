#pragma once

#include "actors/text/quoted.hpp"
#include "config/config_error.hpp"
#include "config/document.hpp"
#include "tests/faultlab/settings.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace reflector::faultlab {

/// ", did you mean `reset`?", or else ", expected one of …".
std::string suggestion(std::string_view name, std::span<const std::string_view> known);

/// Reads a table of a scenario file key by key; what is wrong goes to `errors`, without the file.
class table_reader {
 public:
  /// @param path what stands before the keys in messages: "fault[2]"; empty: the file's own keys
  /// @param line of the table, for keys that are missing
  table_reader(const document_node::table& table, std::string path, unsigned line,
               std::vector<config_error>& errors)
      : table_{table}, path_{std::move(path)}, line_{line}, errors_{errors} {}

  /// Null when it is absent; known from now on.
  const document_entry* take(std::string_view key);
  /// Nothing where the key is absent, or was refused.
  std::optional<settings::value> value(const setting_spec& spec);
  /// The same, with the fallback in place of nothing; refused where it is required and absent.
  settings::value value_or_fallback(const setting_spec& spec);
  settings read(std::span<const setting_spec> specs);
  /// A list of texts, each not empty; empty when absent.
  std::vector<std::string> texts(std::string_view key);
  /// The tables of [[key]], each with a reader of its own.
  std::vector<table_reader> tables(std::string_view key);

  /// A reader of `table` in the place of this one's `key`, for what has no table of its own there.
  table_reader at_key(std::string_view key, const document_node::table& table) const;

  void refuse(std::string_view key, std::string text);  ///< "" for the table as a whole
  void refuse(const document_entry& entry, std::string text);
  /// After all keys were taken.
  void refuse_unknown();

  const document_node::table& table() const { return table_; }

 private:
  std::string path_of(std::string_view key) const;

  const document_node::table& table_;
  std::string path_;
  unsigned line_;
  std::vector<config_error>& errors_;
  std::vector<std::string> known_;
};

/// The one of `kinds` that is called so; null, and refused at `key`, where there is none.
template <class Kind>
const Kind* find_kind(table_reader& line, std::string_view key, const std::string& what,
                      const std::string& name, std::span<const Kind> kinds) {
  std::vector<std::string_view> known;
  for (const auto& each : kinds) {
    if (each.name == name) return &each;
    known.push_back(each.name);
  }
  line.refuse(key, "unknown " + what + ' ' + reflector::quoted(name) + suggestion(name, known));
  return nullptr;
}

}  // namespace reflector::faultlab
