#include "tests/faultlab/scenario/setting_value.hpp"

#include "config/byte_size.hpp"
#include "config/duration.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <stdexcept>

namespace reflector::faultlab {
namespace {

using value = settings::value;

constexpr double no_limit = 1e15;  ///< the contract's own `most`

std::string shown(double bound, setting_kind kind) {
  if (kind == setting_kind::duration)
    return '"' + format_duration(std::chrono::milliseconds{static_cast<long long>(bound)}) + '"';
  if (kind == setting_kind::bytes)
    return '"' + format_byte_size(static_cast<std::uint64_t>(bound)) + '"';
  char digits[32];
  return {digits, std::to_chars(digits, digits + sizeof digits, bound).ptr};
}

std::optional<value> within(const setting_spec& spec, double size, value content) {
  if (!(size >= spec.least && size <= spec.most)) return std::nullopt;  // NaN too
  return content;
}

std::optional<value> value_in(const document_node& node, const setting_spec& spec) {
  const auto* text = std::get_if<std::string>(&node.value);
  const auto* whole = std::get_if<std::int64_t>(&node.value);
  switch (spec.kind) {
    case setting_kind::duration:
      if (!text) return std::nullopt;
      if (const auto read = parse_duration(*text))
        return within(spec, static_cast<double>(read->count()), *read);
      return std::nullopt;
    case setting_kind::bytes:
      if (whole && *whole >= 0)
        return within(spec, static_cast<double>(*whole), static_cast<std::uint64_t>(*whole));
      if (!text) return std::nullopt;
      if (const auto read = parse_byte_size(*text))
        return within(spec, static_cast<double>(*read), *read);
      return std::nullopt;
    case setting_kind::count:
      if (!whole || *whole < 0) return std::nullopt;
      return within(spec, static_cast<double>(*whole), static_cast<std::uint64_t>(*whole));
    case setting_kind::number: {
      const auto* real = std::get_if<double>(&node.value);
      if (!real && !whole) return std::nullopt;
      const auto number = real ? *real : static_cast<double>(*whole);
      return within(spec, number, number);
    }
    case setting_kind::text:
      if (!text || text->find('\0') != std::string::npos) return std::nullopt;
      return *text;
    case setting_kind::choice:
      if (!text || std::find(spec.choices.begin(), spec.choices.end(), *text) == spec.choices.end())
        return std::nullopt;
      return *text;
    case setting_kind::flag:
      if (const auto* flag = std::get_if<bool>(&node.value)) return *flag;
      return std::nullopt;
  }
  return std::nullopt;
}

/// The fallback as it would stand in a file.
document_node written(const setting_spec& spec) {
  const auto& text = spec.fallback;
  document_node node;
  node.value = text;
  if (spec.kind == setting_kind::flag && (text == "true" || text == "false"))
    node.value = text == "true";
  std::int64_t whole = 0;
  double real = 0;
  const auto* end = text.data() + text.size();
  if (spec.kind == setting_kind::bytes || spec.kind == setting_kind::count ||
      spec.kind == setting_kind::number) {
    if (std::from_chars(text.data(), end, whole).ptr == end) {
      node.value = whole;
    } else if (std::from_chars(text.data(), end, real).ptr == end) {
      node.value = real;
    }
  }
  return node;
}

}  // namespace

std::string word_of(setting_kind kind) {
  constexpr std::array words{"duration", "bytes", "count", "number", "text", "choice", "flag"};
  return words.at(static_cast<std::size_t>(kind));
}

std::string expected_form(const setting_spec& spec) {
  if (spec.kind == setting_kind::flag) return "true or false";
  if (spec.kind == setting_kind::text) return "a text";
  std::string form;
  if (spec.kind == setting_kind::choice) {
    for (const auto& each : spec.choices) form += (form.empty() ? "\"" : ", \"") + each + '"';
    return "one of " + form;
  }
  form = spec.kind == setting_kind::duration ? "a duration such as \"1.5s\""
         : spec.kind == setting_kind::bytes  ? "a size such as \"64KiB\", or bytes"
         : spec.kind == setting_kind::count  ? "a whole number"
                                             : "a number";
  form += ", at least " + shown(spec.least, spec.kind);
  if (spec.most < no_limit) form += ", at most " + shown(spec.most, spec.kind);
  return form;
}

tl::expected<value, std::string> read_value(const document_node& node, const setting_spec& spec) {
  if (auto content = value_in(node, spec)) return *std::move(content);
  return tl::unexpected{"expected " + expected_form(spec) + "; got " + description(node)};
}

value fallback_of(const setting_spec& spec) {
  if (spec.fallback.empty()) {
    if (spec.kind == setting_kind::duration) return std::chrono::milliseconds{0};
    if (spec.kind == setting_kind::number) return 0.0;
    if (spec.kind == setting_kind::flag) return false;
    if (spec.kind == setting_kind::text || spec.kind == setting_kind::choice) return std::string{};
    return std::uint64_t{0};
  }
  auto content = read_value(written(spec), spec);
  if (!content) throw std::logic_error("fallback of setting " + spec.name + ": " + content.error());
  return *std::move(content);
}

}  // namespace reflector::faultlab
