#include "config/environment_substitution.hpp"

#include "actors/text/quoted.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include <simdjson.h>
#include <tl/expected.hpp>

namespace reflector {
namespace {

constexpr std::string_view opening = "${";
constexpr std::string_view escaped_opening = "$${";

using substituted = tl::expected<std::string, std::string>;

bool is_variable_character(char c, bool first) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         (!first && c >= '0' && c <= '9');
}

bool is_variable(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [&](const char& c) {
    return is_variable_character(c, &c == name.data());
  });
}

/// What keeps the value of a variable from being put in; the value itself is not repeated.
std::string objection(const std::string& value) {
  if (value.size() > max_substituted_bytes)
    return "at most " + std::to_string(max_substituted_bytes) + " bytes, got " +
           std::to_string(value.size());
  if (value.find('\0') != std::string::npos) return "no NUL, got one";
  if (!simdjson::validate_utf8(value)) return "UTF-8, got bytes that are not";
  return {};
}

/// @param reference what stands between the braces
substituted value_of(std::string_view reference, const environment_lookup& environment) {
  const auto separator = reference.find(":-");
  const std::string name{reference.substr(0, separator)};
  if (!is_variable(name))
    return tl::unexpected{
        "expected ${NAME} or ${NAME:-default} (a literal ${ is written $${), got " +
        reflector::quoted("${" + std::string{reference} + "}")};
  auto value = environment(name);
  if (separator != std::string_view::npos && (!value || value->empty())) {
    const auto text = reference.substr(separator + 2);
    if (text.find(opening) != std::string_view::npos)
      return tl::unexpected{"expected a default without another variable, got " +
                            reflector::quoted(text)};
    return std::string{text};
  }
  if (!value)
    return tl::unexpected{"expected the environment variable " + reflector::quoted(name) +
                          " to be set, or a default: ${" + name + ":-default}"};
  if (auto wrong = objection(*value); !wrong.empty())
    return tl::unexpected{"environment variable " + reflector::quoted(name) + ": expected " +
                          wrong};
  return *std::move(value);
}

substituted with_variables(std::string_view text, const environment_lookup& environment) {
  std::string out;
  while (!text.empty()) {
    if (text.starts_with(escaped_opening)) {
      out += opening;
      text.remove_prefix(escaped_opening.size());
    } else if (text.starts_with(opening)) {
      const auto end = text.find('}');
      if (end == std::string_view::npos)
        return tl::unexpected{"expected a `}` after ${ (a literal ${ is written $${), got " +
                              reflector::quoted(text)};
      auto value = value_of(text.substr(opening.size(), end - opening.size()), environment);
      if (!value) return value;
      out += *value;
      text.remove_prefix(end + 1);
    } else {
      out += text.front();
      text.remove_prefix(1);
    }
    if (out.size() > max_substituted_bytes)
      return tl::unexpected{"expected at most " + std::to_string(max_substituted_bytes) +
                            " bytes once the variables are in it, got more"};
  }
  return out;
}

class substituter {
 public:
  substituter(const environment_lookup& environment, const std::vector<std::string>& files)
      : environment_{environment}, files_{files} {}

  void visit(document_node& node, const std::string& key) {
    if (auto* text = std::get_if<std::string>(&node.value)) {
      visit_text(node, *text, key);
    } else if (auto* elements = std::get_if<document_node::array>(&node.value)) {
      for (std::size_t i = 0; i < elements->size(); ++i)
        visit((*elements)[i], key + "[" + std::to_string(i + 1) + "]");
    } else if (auto* table = std::get_if<document_node::table>(&node.value)) {
      for (auto& entry : *table) visit(entry.node, key.empty() ? entry.key : key + "." + entry.key);
    }
  }

  std::vector<config_error> errors = {};

 private:
  void visit_text(const document_node& node, std::string& text, const std::string& key) {
    if (text.find(opening) == std::string::npos) return;
    auto result = with_variables(text, environment_);
    if (result && (bytes_ += result->size()) > max_all_substituted_bytes)
      result = tl::unexpected{
          std::string{"expected at most 1MiB in all strings with variables, got more"}};
    if (result) {
      text = *std::move(result);
    } else {
      errors.push_back({node.file < files_.size() ? files_[node.file] : std::string{}, node.line,
                        key, std::move(result.error())});
    }
  }

  const environment_lookup& environment_;
  const std::vector<std::string>& files_;
  std::size_t bytes_ = 0;
};

}  // namespace

std::optional<std::string> process_environment(const std::string& name) {
  const char* const value = std::getenv(name.c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>{value};
}

std::vector<config_error> substitute_environment(document_node& node, const std::string& key,
                                                 const environment_lookup& environment,
                                                 const std::vector<std::string>& files) {
  substituter visitor{environment, files};
  visitor.visit(node, key);
  return std::move(visitor.errors);
}

std::string escaped_for_substitution(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text.substr(at).starts_with(opening)) out += '$';
    out += text[at];
  }
  return out;
}

}  // namespace reflector
