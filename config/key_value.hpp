#pragma once

#include "config/document.hpp"
#include "config/schema.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace reflector {

/// What is wrong with a value: "expected …, got …". Nothing when it was taken.
using complaint = std::optional<std::string>;

complaint expected(const std::string& what, const document_node& got);

/// Each takes the value into `out` when it has the right type and lies within the rule; otherwise
/// `out` is untouched.
complaint read_value(const document_node& node, bool& out, any_boolean rule);
complaint read_value(const document_node& node, unsigned& out, range<unsigned> rule);
complaint read_value(const document_node& node, double& out, range<double> rule);
complaint read_value(const document_node& node, std::uint64_t& out, bytes_range rule);
complaint read_value(const document_node& node, std::chrono::milliseconds& out,
                     range<std::chrono::milliseconds> rule);
complaint read_value(const document_node& node, std::optional<std::chrono::milliseconds>& out,
                     range<std::chrono::milliseconds> rule);
complaint read_value(const document_node& node, std::string& out, text_rule rule);
complaint read_value(const document_node& node, std::string& out, path_rule rule);
complaint read_value(const document_node& node, std::vector<std::string>& out, variables_rule rule);
complaint read_value(const document_node& node, std::vector<std::string>& out,
                     collectors_rule rule);
complaint read_value(const document_node& node, std::vector<std::string>& out, tag_names_rule rule);
complaint read_value(const document_node& node, std::map<std::string, std::string>& out,
                     headers_rule rule);
complaint read_value(const document_node& node, std::optional<rack_position>& out,
                     position_rule rule);
complaint read_value(const document_node& node, std::map<std::string, std::string>& out,
                     tags_rule rule);

/// An integer or a floating-point number.
std::optional<double> number_in(const document_node& node);

/// What a tag's name or value breaks of the rule, if anything.
complaint check_tag(const std::string& name, const std::string& value, tags_rule rule);

template <class E, std::size_t N>
complaint read_value(const document_node& node, E& out, const choice_rule<E, N>& rule) {
  const auto* word = std::get_if<std::string>(&node.value);
  std::string words;
  for (const auto& choice : rule.choices) {
    if (word && *word == choice.word) {
      out = choice.value;
      return std::nullopt;
    }
    words += (words.empty() ? "\"" : ", \"") + std::string{choice.word} + "\"";
  }
  return expected("one of " + words, node);
}

}  // namespace reflector
