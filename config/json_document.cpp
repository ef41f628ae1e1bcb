#include "config/json_document.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include <simdjson.h>

namespace reflector {
namespace {

namespace ondemand = simdjson::ondemand;

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
constexpr std::string_view spaces = " \t\r\n";

unsigned line_at(std::string_view text, std::size_t at) {
  const auto end = text.begin() + static_cast<std::ptrdiff_t>(std::min(at, text.size()));
  return 1 + static_cast<unsigned>(std::count(text.begin(), end, '\n'));
}

tl::unexpected<config_error> refused(unsigned line, std::string text) {
  return tl::unexpected{config_error{{}, line, {}, std::move(text)}};
}

/// The end of the string that begins with the quote at `at`.
tl::expected<std::size_t, config_error> end_of_string(std::string_view text, std::size_t at) {
  const auto begin = at;
  for (++at; at < text.size() && text[at] != '"'; ++at) {
    if (text[at] == '\\') ++at;
    if (at < text.size() && static_cast<unsigned char>(text[at]) < 0x20) {
      return refused(line_at(text, at), "expected JSON: a control character stands in a string");
    }
  }
  if (at >= text.size()) {
    return refused(line_at(text, begin), "expected JSON: a string has no end");
  }
  return at + 1;
}

/// The end of the comment that begins at `at`; `at` itself where none does, npos where it has no
/// end.
std::size_t end_of_comment(std::string_view text, std::size_t at) {
  const auto opening = text.substr(at, 2);
  if (opening == "//") return std::min(text.find('\n', at), text.size());
  if (opening != "/*") return at;
  const auto end = text.find("*/", at + 2);
  return end == std::string_view::npos ? end : end + 2;
}

/// Overwrites comments, and a comma after the last element, with spaces: every other byte keeps its
/// line and column.
tl::expected<std::string, config_error> plain_json(std::string_view text) {
  std::string plain{text};
  constexpr auto none = std::string::npos;
  std::size_t comma = none;  // of a value before it, followed by nothing but space so far
  char before = '{';         // last character that is no space, before the comma
  for (std::size_t at = 0; at < plain.size();) {
    const char c = plain[at];
    if (const auto end = end_of_comment(text, at); end != at) {
      if (end == none) return refused(line_at(text, at), "expected the end `*/` of this comment");
      std::replace_if(
          plain.begin() + static_cast<std::ptrdiff_t>(at),
          plain.begin() + static_cast<std::ptrdiff_t>(end),
          [](char inside) { return inside != '\n'; }, ' ');
      at = end;
      continue;
    }
    if (spaces.find(c) == std::string_view::npos) {
      if ((c == '}' || c == ']') && comma != none) plain[comma] = ' ';
      const bool follows_value = before != '{' && before != '[' && before != ',';
      comma = c == ',' && follows_value ? at : none;
      before = c;
    }
    if (c == '"') {
      const auto end = end_of_string(text, at);
      if (!end) return tl::unexpected{end.error()};
      at = *end;
    } else {
      ++at;
    }
  }
  return plain;
}

/// Walks a document that may be invalid, knowing at each point which line it has reached.
class json_walk {
 public:
  explicit json_walk(const simdjson::padded_string& text)
      : text_{text.data(), text.size()}, reached_{text.data()} {}

  simdjson::error_code object(ondemand::object object, unsigned depth, document_node::table& out) {
    for (auto field : object) {
      std::string_view key;
      if (auto error = field.unescaped_key().get(key)) return error;
      document_entry entry{std::string{key}, 0, {}};
      ondemand::value value;
      if (auto error = field.value().get(value)) return error;
      if (auto error = node(value, depth + 1, entry.node)) return error;
      entry.line = entry.node.line;
      const auto same = std::find_if(out.begin(), out.end(),
                                     [&](const auto& earlier) { return earlier.key == entry.key; });
      if (same != out.end()) out.erase(same);
      out.push_back(std::move(entry));
    }
    return simdjson::SUCCESS;
  }

  unsigned line() const {
    return line_at(text_, static_cast<std::size_t>(reached_ - text_.data()));
  }

 private:
  simdjson::error_code node(ondemand::value value, unsigned depth, document_node& out) {
    const auto token = value.raw_json_token();
    reached_ = token.data();
    out.line = line();
    ondemand::json_type type{};
    if (auto error = value.type().get(type)) return error;
    if (depth > max_document_depth) {
      out.value = document_node::other{"a deeply nested value"};
      return simdjson::SUCCESS;
    }
    switch (type) {
      case ondemand::json_type::object: {
        ondemand::object inner;
        if (auto error = value.get_object().get(inner)) return error;
        return object(inner, depth, out.value.emplace<document_node::table>());
      }
      case ondemand::json_type::array:
        return array(value, depth, out.value.emplace<document_node::array>());
      case ondemand::json_type::string: {
        std::string_view text;
        if (auto error = value.get_string().get(text)) return error;
        out.value = std::string{text};
        return simdjson::SUCCESS;
      }
      case ondemand::json_type::number:
        return number(value, out);
      case ondemand::json_type::boolean: {
        bool boolean = false;
        if (auto error = value.get_bool().get(boolean)) return error;
        out.value = boolean;
        return simdjson::SUCCESS;
      }
      case ondemand::json_type::null:
        break;
    }
    if (!token.starts_with("null")) return simdjson::N_ATOM_ERROR;
    out.value = nullptr;
    return simdjson::SUCCESS;
  }

  simdjson::error_code array(ondemand::value value, unsigned depth, document_node::array& out) {
    ondemand::array elements;
    if (auto error = value.get_array().get(elements)) return error;
    for (auto element : elements) {
      ondemand::value inner;
      if (auto error = element.get(inner)) return error;
      if (auto error = node(inner, depth + 1, out.emplace_back())) return error;
    }
    return simdjson::SUCCESS;
  }

  static simdjson::error_code number(ondemand::value value, document_node& out) {
    std::int64_t integer = 0;
    if (value.get_int64().get(integer) == simdjson::SUCCESS) {
      out.value = integer;
      return simdjson::SUCCESS;
    }
    double real = 0;
    if (auto error = value.get_double().get(real)) return error;
    out.value = real;
    return simdjson::SUCCESS;
  }

  std::string_view text_;
  const char* reached_;
};

}  // namespace

bool begins_like_json(std::string_view text) {
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  std::size_t at = 0;
  while (at < text.size()) {
    if (spaces.find(text[at]) != std::string_view::npos) {
      ++at;
      continue;
    }
    const auto end = end_of_comment(text, at);
    if (end == at) return text[at] == '{';
    if (end == std::string_view::npos) return true;
    at = end;
  }
  return false;
}

tl::expected<document_node::table, config_error> parse_json_document(std::string_view text) {
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  auto plain = plain_json(text);
  if (!plain) return tl::unexpected{plain.error()};
  const simdjson::padded_string padded{*plain};

  // The DOM parser validates everything and names no place; the on-demand parser knows where it is.
  simdjson::dom::parser validator;
  const auto invalid = validator.parse(padded).error();

  document_node::table table;
  json_walk walk{padded};
  ondemand::parser parser;
  ondemand::document document;
  ondemand::object root;
  auto error = parser.iterate(padded).get(document);
  if (!error) error = document.get_object().get(root);
  if (!invalid && error == simdjson::INCORRECT_TYPE) {
    return refused(1, "expected a JSON object");
  }
  if (!error) error = walk.object(root, 0, table);
  if (invalid || error) {
    const auto* reason = simdjson::error_message(error ? error : invalid);
    return refused(walk.line(), std::string{"expected JSON: "} + reason);
  }
  return table;
}

}  // namespace reflector
