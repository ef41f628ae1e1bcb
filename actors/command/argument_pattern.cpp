#include "actors/command/argument_pattern.hpp"

#include "actors/text/quoted.hpp"
#include "actors/text/utf8.hpp"

#include <algorithm>
#include <array>
#include <re2/re2.h>
#include <utility>

namespace reflector {
namespace {

constexpr std::int64_t max_expression_memory = 1 << 20;
constexpr std::size_t max_words_named = 8;  // in a message

/// U+061C, U+200E, U+200F, U+2028 to U+202E, U+2066 to U+2069.
bool is_treacherous(std::string_view character) {
  if (character == "\xd8\x9c") return true;
  if (character.size() != 3 || character[0] != '\xe2') return false;
  const auto last = static_cast<unsigned char>(character[2]);
  if (character[1] == '\x80') return last == 0x8e || last == 0x8f || (last >= 0xa8 && last <= 0xae);
  return character[1] == '\x81' && last >= 0xa6 && last <= 0xa9;
}

std::string named(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t i = 0; i < std::min(words.size(), max_words_named); ++i)
    text.append(i == 0 ? "" : ", ").append(quoted(words[i]));
  return words.size() > max_words_named ? text + " …" : text;
}

bool lies_under(std::string_view path, std::string_view folder) {
  if (folder == "/" || path == folder) return true;
  return path.starts_with(folder) && path[folder.size()] == '/';
}

/// Of what a pattern is to match: it can't be foreseen by whoever has written the rule.
std::optional<std::string> objection_to_any(std::string_view argument) {
  if (argument.starts_with('-')) return "is an option, which a rule has to name as it is";
  if (!is_plain_text(argument)) return "has control or formatting characters, or is not UTF-8";
  return std::nullopt;
}

}  // namespace

argument_pattern argument_pattern::one_of(std::vector<std::string> all) {
  return argument_pattern{kind{std::move(all)}};
}

argument_pattern argument_pattern::under(std::string path) {
  return argument_pattern{kind{folder{std::move(path)}}};
}

result<argument_pattern> argument_pattern::matching(const std::string& text) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(max_expression_memory);
  auto compiled = std::make_shared<const re2::RE2>(text, options);
  if (!compiled->ok()) return failure(fault_code::malformed, compiled->error());
  return argument_pattern{kind{std::move(compiled)}};
}

std::optional<std::string> argument_pattern::objection(std::string_view argument) const {
  if (const auto* all = std::get_if<words>(&what_)) {
    if (std::find(all->begin(), all->end(), argument) != all->end()) return std::nullopt;
    return (all->size() == 1 ? "is not " : "is not one of ") + named(*all);
  }
  if (auto wrong = objection_to_any(argument)) return wrong;
  if (const auto* below = std::get_if<folder>(&what_)) {
    if (is_plain_path(argument) && lies_under(argument, below->path)) return std::nullopt;
    return "is not a plain path under " + quoted(below->path);
  }
  const auto& pattern = *std::get<expression>(what_);
  if (re2::RE2::FullMatch({argument.data(), argument.size()}, pattern)) return std::nullopt;
  return "does not match " + quoted(pattern.pattern());
}

bool is_plain_path(std::string_view path) {
  if (!path.starts_with('/')) return false;
  if (path == "/") return true;
  for (std::size_t begin = 1; begin <= path.size();) {
    const auto end = std::min(path.find('/', begin), path.size());
    const auto component = path.substr(begin, end - begin);
    if (component.empty() || component == "." || component == "..") return false;
    begin = end + 1;
  }
  return true;
}

bool is_plain_text(std::string_view text) {
  while (!text.empty()) {
    const auto [length, valid] = first_character(text);
    const auto character = text.substr(0, length);
    if (!valid || is_control(character) || is_treacherous(character)) return false;
    text.remove_prefix(length);
  }
  return true;
}

}  // namespace reflector
