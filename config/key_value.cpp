#include "config/key_value.hpp"

#include "actors/text/ascii.hpp"
#include "actors/text/quoted.hpp"
#include "config/byte_size.hpp"
#include "config/config_error.hpp"
#include "config/duration.hpp"
#include "config/http_url.hpp"
#include "config/listen_address.hpp"
#include "config/nearest_name.hpp"
#include "messages/sample.hpp"

#include <algorithm>
#include <array>
#include <sstream>

namespace reflector {
namespace {

constexpr std::size_t max_name_bytes = 64;
constexpr std::size_t max_path_bytes = 4095;  // PATH_MAX without its NUL

std::string in_words(double number) {
  std::ostringstream out;
  out << number;
  return out.str();
}

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '-';
}

/// RFC 9110, 5.6.2.
bool is_header_name(std::string_view text) {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           marks.find(c) != std::string_view::npos;
  });
}

bool is_variable(std::string_view text) {
  return !text.empty() && (text.front() < '0' || text.front() > '9') &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '_';
         });
}

/// Says what the body is or how it is sent, which is the agent's business.
bool is_agents_header(const std::string& lower_case) {
  constexpr std::array names{"content-type",
                             "content-length",
                             "content-encoding",
                             "transfer-encoding",
                             "host",
                             "connection",
                             "expect",
                             "te",
                             "trailer",
                             "upgrade",
                             "idempotency-key",
                             "keep-alive",
                             "x-prometheus-remote-write-version"};
  return std::find(names.begin(), names.end(), lower_case) != names.end();
}

/// Carries a secret, and would be printed with the configuration.
bool is_secret_header(const std::string& lower_case) {
  constexpr std::array names{"authorization", "proxy-authorization", "cookie", "x-api-key",
                             "api-key",       "x-auth-token"};
  return std::find(names.begin(), names.end(), lower_case) != names.end();
}

bool has_nul(const std::string& text) {
  return text.find('\0') != std::string::npos;
}

/// @param what they are to be  @param never characters that none of them has
template <class Rule>
complaint read_names(const document_node& node, std::vector<std::string>& out, const Rule& rule,
                     const std::string& what, std::string_view never) {
  const auto* array = std::get_if<document_node::array>(&node.value);
  if (!array || array->size() > rule.max_count)
    return expected("a list of at most " + std::to_string(rule.max_count) + " names", node);
  std::vector<std::string> names;
  for (const auto& element : *array) {
    const auto* name = std::get_if<std::string>(&element.value);
    if (!name || name->empty() || name->size() > rule.max_bytes || has_nul(*name) ||
        name->find_first_of(never) != std::string::npos)
      return expected(what, element);
    names.push_back(*name);
  }
  out = std::move(names);
  return std::nullopt;
}

complaint check_text(const document_node& node, const std::string& text, text_form form) {
  switch (form) {
    case text_form::plain:
      break;
    case text_form::hostname:
      if (text.find_first_not_of(" \t\r\n\v\f") == std::string::npos ||
          std::any_of(text.begin(), text.end(), is_control)) {
        return expected("a host name, not empty, without control characters", node);
      }
      break;
    case text_form::name:
      if (text.empty() || text.size() > max_name_bytes ||
          !std::all_of(text.begin(), text.end(), is_name_character)) {
        return expected("a name: 1 to 64 letters, digits, `.`, `_` or `-`", node);
      }
      break;
    case text_form::http_url:
      if (auto url = parse_http_url(text); !url) {
        // A URL with credentials in it is not repeated.
        if (url.error().code == fault_code::refused) return url.error().text;
        return expected(url.error().text.substr(sizeof "expected " - 1), node);
      }
      break;
    case text_form::header_name:
      if (!is_header_name(text))
        return expected("letters, digits or marks that a header may have", node);
      if (is_agents_header(lower_case(text)))
        return expected("a header that the agent does not set itself", node);
      break;
    case text_form::variable:
      if (!is_variable(text)) return expected("a name of an environment variable", node);
      break;
    case text_form::proxy:
      if (text == "none") break;
      if (auto url = parse_http_url(text); !url) {
        if (url.error().code == fault_code::refused)
          return "expected a proxy's URL without credentials";
        return expected("\"none\" or " + url.error().text.substr(sizeof "expected " - 1), node);
      } else if (!url->target.empty() && url->target != "/") {
        return expected("a proxy's URL without a path", node);
      }
      break;
    case text_form::address:
      if (!parse_listen_address(text))
        return expected("an address and a port, as 127.0.0.1:9273 or [::1]:9273", node);
      break;
  }
  return std::nullopt;
}

}  // namespace

complaint expected(const std::string& what, const document_node& got) {
  return "expected " + what + ", got " + description(got);
}

std::optional<double> number_in(const document_node& node) {
  if (const auto* integer = std::get_if<std::int64_t>(&node.value)) {
    return static_cast<double>(*integer);
  }
  if (const auto* number = std::get_if<double>(&node.value)) return *number;
  return std::nullopt;
}

complaint read_value(const document_node& node, bool& out, any_boolean) {
  const auto* value = std::get_if<bool>(&node.value);
  if (!value) return expected("true or false", node);
  out = *value;
  return std::nullopt;
}

complaint read_value(const document_node& node, unsigned& out, range<unsigned> rule) {
  const auto* value = std::get_if<std::int64_t>(&node.value);
  if (!value || *value < rule.min || *value > rule.max) {
    return expected(
        "a whole number from " + std::to_string(rule.min) + " to " + std::to_string(rule.max),
        node);
  }
  out = static_cast<unsigned>(*value);
  return std::nullopt;
}

complaint read_value(const document_node& node, double& out, range<double> rule) {
  const auto value = number_in(node);
  if (!value || !(*value >= rule.min && *value <= rule.max)) {
    return expected("a number from " + in_words(rule.min) + " to " + in_words(rule.max), node);
  }
  out = *value;
  return std::nullopt;
}

complaint read_value(const document_node& node, std::uint64_t& out, bytes_range rule) {
  const auto* text = std::get_if<std::string>(&node.value);
  const auto value = text ? parse_byte_size(*text) : failure(fault_code::malformed, {});
  if (!value || *value < rule.min || *value > rule.max) {
    return expected("a size from \"" + format_byte_size(rule.min) + "\" to \"" +
                        format_byte_size(rule.max) + "\"",
                    node);
  }
  out = *value;
  return std::nullopt;
}

complaint read_value(const document_node& node, std::chrono::milliseconds& out,
                     range<std::chrono::milliseconds> rule) {
  const auto* text = std::get_if<std::string>(&node.value);
  const auto value = text ? parse_duration(*text) : failure(fault_code::malformed, {});
  if (!value || *value < rule.min || *value > rule.max) {
    return expected("a duration from \"" + format_duration(rule.min) + "\" to \"" +
                        format_duration(rule.max) + "\"",
                    node);
  }
  out = *value;
  return std::nullopt;
}

complaint read_value(const document_node& node, std::optional<std::chrono::milliseconds>& out,
                     range<std::chrono::milliseconds> rule) {
  std::chrono::milliseconds value{};
  if (auto wrong = read_value(node, value, rule)) return wrong;
  out = value;
  return std::nullopt;
}

complaint read_value(const document_node& node, std::string& out, text_rule rule) {
  const auto* text = std::get_if<std::string>(&node.value);
  if (!text || has_nul(*text)) return expected("a string", node);
  if (text->size() > rule.max_bytes) {
    return expected("a string of at most " + std::to_string(rule.max_bytes) + " bytes", node);
  }
  if (auto wrong = check_text(node, *text, rule.form)) return wrong;
  out = *text;
  return std::nullopt;
}

complaint read_value(const document_node& node, std::string& out, path_rule) {
  const auto* text = std::get_if<std::string>(&node.value);
  if (!text || text->empty() || text->size() > max_path_bytes || has_nul(*text)) {
    return expected("a path", node);
  }
  out = *text;
  return std::nullopt;
}

complaint read_value(const document_node& node, std::vector<std::string>& out,
                     variables_rule rule) {
  return read_names(node, out, rule, "names of environment variables", "=");
}

complaint read_value(const document_node& node, std::vector<std::string>& out, collectors_rule) {
  const auto* array = std::get_if<document_node::array>(&node.value);
  if (!array || array->size() > collector_names.size())
    return expected("a list of names of collectors", node);
  std::vector<std::string> names;
  for (const auto& element : *array) {
    const auto* name = std::get_if<std::string>(&element.value);
    if (!name) return expected("a name of a collector", element);
    if (std::find(collector_names.begin(), collector_names.end(), *name) == collector_names.end())
      return unknown_name("collector " + quoted(*name), *name, collector_names);
    names.push_back(*name);
  }
  out = std::move(names);
  return std::nullopt;
}

complaint read_value(const document_node& node, std::vector<std::string>& out,
                     tag_names_rule rule) {
  return read_names(node, out, rule, "names of tags", "");
}

complaint read_value(const document_node& node, std::map<std::string, std::string>& out,
                     headers_rule rule) {
  const auto* table = std::get_if<document_node::table>(&node.value);
  if (!table || table->size() > rule.max_count)
    return expected("a table of at most " + std::to_string(rule.max_count) + " strings", node);
  std::map<std::string, std::string> headers;
  for (const auto& entry : *table) {
    const std::string header = "header " + quoted(entry.key) + ": ";
    if (!is_header_name(entry.key) || entry.key.size() > rule.max_name_bytes)
      return header + "expected a name that a header may have";
    const std::string name = lower_case(entry.key);
    // Not repeated: it may be a secret.
    if (is_secret_header(name))
      return header +
             "expected no credentials here (use token_file with token_header, or username)";
    if (is_agents_header(name)) return header + "expected one that the agent does not set itself";
    const auto* text = std::get_if<std::string>(&entry.node.value);
    if (!text || text->empty() || text->size() > rule.max_value_bytes ||
        !std::all_of(text->begin(), text->end(), [](char c) { return c >= ' ' && c <= '~'; }))
      return header + "expected printable ASCII, at most " + std::to_string(rule.max_value_bytes) +
             " bytes";
    headers[entry.key] = *text;
  }
  out = std::move(headers);
  return std::nullopt;
}

complaint read_value(const document_node& node, std::optional<rack_position>& out,
                     position_rule rule) {
  const auto* axes = std::get_if<document_node::table>(&node.value);
  if (!axes) return expected("a position like { x = -3.2, y = 1.0, z = 4.4 }", node);
  rack_position position;
  const std::array<std::pair<std::string_view, double*>, 3> names{
      {{"x", &position.x}, {"y", &position.y}, {"z", &position.z}}};
  for (const auto& [name, axis] : names) {
    const auto* entry = find_entry(*axes, name);
    if (!entry) return "expected the axes x, y and z, got none named " + std::string{name};
    if (auto wrong = read_value(entry->node, *axis, range<double>{rule.min, rule.max})) {
      return std::string{name} + ": " + *wrong;
    }
  }
  for (const auto& entry : *axes) {
    if (entry.key != "x" && entry.key != "y" && entry.key != "z") {
      return "expected the axes x, y and z, got " + quoted(entry.key);
    }
  }
  out = position;
  return std::nullopt;
}

complaint check_tag(const std::string& name, const std::string& value, tags_rule rule) {
  if (name.empty() || name.size() > rule.max_name_bytes || has_nul(name)) {
    return "expected tag names of 1 to " + std::to_string(rule.max_name_bytes) + " bytes, got " +
           quoted(name);
  }
  if (value.size() > rule.max_value_bytes || has_nul(value)) {
    return "tag " + quoted(name) + ": expected at most " + std::to_string(rule.max_value_bytes) +
           " bytes, got " + quoted(value);
  }
  return std::nullopt;
}

complaint read_value(const document_node& node, std::map<std::string, std::string>& out,
                     tags_rule rule) {
  const auto* table = std::get_if<document_node::table>(&node.value);
  if (!table) return expected("a table of strings", node);
  if (table->size() > rule.max_count) {
    return "expected at most " + std::to_string(rule.max_count) + " tags, got " +
           std::to_string(table->size());
  }
  std::map<std::string, std::string> tags;
  for (const auto& entry : *table) {
    const auto* text = std::get_if<std::string>(&entry.node.value);
    if (!text) {
      return "tag " + quoted(entry.key) + ": " + *expected("a string", entry.node);
    }
    if (auto wrong = check_tag(entry.key, *text, rule)) return wrong;
    tags[entry.key] = *text;
  }
  out = std::move(tags);
  return std::nullopt;
}

}  // namespace reflector
