#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace reflector {

struct document_entry;

/// A value of a TOML or JSON document, with the line (from 1) it was written on and the file, where
/// several make up the document (see include.hpp).
struct document_node {
  using array = std::vector<document_node>;
  using table = std::vector<document_entry>;
  struct other {  ///< what no key takes: a date, or something nested too deep
    std::string what;
  };

  unsigned line = 0;
  std::variant<std::nullptr_t, bool, std::int64_t, double, std::string, array, table, other> value;
  unsigned file = 0;  ///< which one of them; 0: the one that includes the others
};

struct document_entry {
  std::string key;
  unsigned line = 0;
  document_node node;
};

/// Deeper values than this become `other`: no key needs them.
inline constexpr unsigned max_document_depth = 8;

/// What a message says was found: the quoted value, or "a table" and the like.
std::string description(const document_node& node);

const document_entry* find_entry(const document_node::table& table, std::string_view key);

}  // namespace reflector
