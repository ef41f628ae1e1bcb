#include "actors/command/command_rules.hpp"

#include "actors/text/quoted.hpp"

#include <algorithm>
#include <span>

namespace reflector {
namespace {

/// A refusal is shown on one line, and travels in a result.
constexpr std::size_t max_rules_explained = 4;
constexpr std::size_t max_quoted_path = 200;

std::string expected_arguments(const command_rule& rule) {
  const auto least = rule.arguments.size();
  const auto most = least + (rule.rest ? rule.rest->most : 0);
  if (most == 0) return "no arguments";
  auto text = std::to_string(least);
  if (most != least) text += " to " + std::to_string(most);
  return text + (most == 1 ? " argument" : " arguments");
}

/// What keeps the rule from allowing these arguments, if anything.
std::optional<std::string> objection(const command_rule& rule,
                                     std::span<const std::string> arguments) {
  const auto fixed = rule.arguments.size();
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (i >= fixed && (!rule.rest || i - fixed >= rule.rest->most)) break;
    const auto& pattern = i < fixed ? rule.arguments[i] : rule.rest->each;
    if (const auto wrong = pattern.objection(arguments[i]))
      return "argument " + std::to_string(i + 1) + " " + quoted(arguments[i]) + " " + *wrong;
  }
  if (arguments.size() >= fixed && arguments.size() <= fixed + (rule.rest ? rule.rest->most : 0))
    return std::nullopt;
  return "it takes " + expected_arguments(rule) + ", not " + std::to_string(arguments.size());
}

/// Of those that name the program alone, without its folder.
std::string whole_path_hint(const command_rules& all, const std::string& program) {
  for (const auto& rule : all.rules) {
    if (rule.program.ends_with("/" + program))
      return " (rule " + quoted(rule.name) + " allows " + quoted(rule.program) +
             ": the program has to be named by its whole path)";
  }
  return {};
}

}  // namespace

tl::expected<const command_rule*, std::string> find_rule(const command_rules& rules,
                                                         const std::vector<std::string>& words) {
  const auto& program = words.front();
  std::string explained;
  std::size_t of_program = 0;
  for (const auto& rule : rules.rules) {
    if (rule.program != program) continue;
    const auto wrong = objection(rule, std::span{words}.subspan(1));
    if (!wrong) return &rule;
    if (++of_program > max_rules_explained) continue;
    explained.append(explained.empty() ? "" : "; ")
        .append("rule ")
        .append(quoted(rule.name))
        .append(" allows the program: ")
        .append(*wrong);
  }
  auto text = "no rule of " + quoted(rules.path, max_quoted_path) + " allows " +
              quoted(program, max_quoted_path);
  if (of_program == 0) return tl::unexpected{text + whole_path_hint(rules, program)};
  if (of_program > max_rules_explained)
    explained += "; and so on for " + std::to_string(of_program - max_rules_explained) + " more";
  return tl::unexpected{text + " with these arguments (" + explained + ")"};
}

}  // namespace reflector
