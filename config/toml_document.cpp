#include "config/toml_document.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

// Debian's package points at its shared library, which was built with exceptions. This is the only
// file that includes toml++: it is heavy, and header-only here.
//
// toml++ 3.3 asserts what its input can break (`[=]`). So that a damaged file can't end the agent,
// a failed assertion is an exception here, with NDEBUG too, where it would be a promise to the
// optimiser instead.
struct broken_assertion {};
[[gnu::noinline, gnu::cold]] static void assertion_is_broken() {
  throw broken_assertion{};
}
#undef NDEBUG
#define TOML_ASSERT(condition)               \
  do {                                       \
    if (!(condition)) assertion_is_broken(); \
  } while (false)

#undef TOML_SHARED_LIB
#undef TOML_HEADER_ONLY
#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#define TOML_MAX_NESTED_VALUES 16
#include <toml++/toml.h>

namespace reflector {
namespace {

/// toml++ makes a table of each part of a dotted key and destroys them recursively, so that their
/// number is bounded before it sees them. No value that the agent takes needs so many dots on a
/// line either.
constexpr int max_dots_on_a_line = 500;

document_node converted(const toml::node& node, unsigned depth);

unsigned line_of(const toml::source_region& source) {
  return static_cast<unsigned>(source.begin.line);
}

document_node::table converted_table(const toml::table& table, unsigned depth) {
  document_node::table entries;
  for (const auto& [key, node] : table) {
    auto value = converted(node, depth + 1);
    const auto line = line_of(key.source()) != 0 ? line_of(key.source()) : value.line;
    entries.push_back({std::string{key.str()}, line, std::move(value)});
  }
  return entries;
}

document_node converted(const toml::node& node, unsigned depth) {
  document_node out;
  out.line = line_of(node.source());
  if (depth > max_document_depth) {
    out.value = document_node::other{"a deeply nested value"};
  } else if (const auto* table = node.as_table()) {
    out.value = converted_table(*table, depth);
  } else if (const auto* array = node.as_array()) {
    document_node::array elements;
    for (const auto& element : *array) elements.push_back(converted(element, depth + 1));
    out.value = std::move(elements);
  } else if (const auto* text = node.as_string()) {
    out.value = text->get();
  } else if (const auto* integer = node.as_integer()) {
    out.value = integer->get();
  } else if (const auto* number = node.as_floating_point()) {
    out.value = number->get();
  } else if (const auto* boolean = node.as_boolean()) {
    out.value = boolean->get();
  } else {
    out.value = document_node::other{"a date or time"};
  }
  return out;
}

bool breaks_an_assertion(std::string_view text) {
  try {
    static_cast<void>(toml::parse(text));
    return false;
  } catch (const broken_assertion&) {
    return true;
  }
}

/// The parser never looks back: an assertion breaks with each prefix that holds the offending line,
/// and no other.
unsigned line_that_breaks_an_assertion(std::string_view text) {
  std::vector<std::size_t> ends;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '\n') ends.push_back(at + 1);
  }
  const auto bad = std::partition_point(ends.begin(), ends.end(), [&](std::size_t end) {
    return !breaks_an_assertion(text.substr(0, end));
  });
  return static_cast<unsigned>(bad - ends.begin()) + 1;
}

tl::unexpected<config_error> refused(unsigned line, std::string text) {
  return tl::unexpected{config_error{{}, line, {}, std::move(text)}};
}

}  // namespace

tl::expected<document_node::table, config_error> parse_toml_document(std::string_view text) {
  int dots = 0;
  unsigned line = 1;
  for (char c : text) {
    if (c == '\n') {
      ++line;
      dots = 0;
    } else if (c == '.' && ++dots > max_dots_on_a_line) {
      return refused(line, "expected at most 500 dots on a line");
    }
  }
  try {
    const auto parsed = toml::parse(text);
    if (parsed) return converted_table(parsed.table(), 0);
    const auto& source = parsed.error().source().begin;
    return refused(static_cast<unsigned>(source.line),
                   "expected TOML: " + std::string{parsed.error().description()} + " (column " +
                       std::to_string(source.column) + ")");
  } catch (const broken_assertion&) {
    return refused(line_that_breaks_an_assertion(text), "expected TOML");
  }
}

}  // namespace reflector
