#include "config/document.hpp"

#include "actors/text/quoted.hpp"
#include "config/config_error.hpp"

#include <algorithm>
#include <charconv>

namespace reflector {
namespace {

struct describing {
  std::string operator()(std::nullptr_t) const { return "`null`"; }
  std::string operator()(bool value) const { return value ? "`true`" : "`false`"; }
  std::string operator()(std::int64_t value) const { return quoted(std::to_string(value)); }
  std::string operator()(double value) const {
    char digits[32];
    const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
    return quoted({digits, end});
  }
  std::string operator()(const std::string& value) const { return quoted("\"" + value + "\""); }
  std::string operator()(const document_node::array&) const { return "an array"; }
  std::string operator()(const document_node::table&) const { return "a table"; }
  std::string operator()(const document_node::other& other) const { return other.what; }
};

}  // namespace

std::string description(const document_node& node) {
  return std::visit(describing{}, node.value);
}

const document_entry* find_entry(const document_node::table& table, std::string_view key) {
  const auto found = std::find_if(table.begin(), table.end(),
                                  [&](const document_entry& entry) { return entry.key == key; });
  return found == table.end() ? nullptr : &*found;
}

}  // namespace reflector
