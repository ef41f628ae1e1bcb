#include "actors/command/command_environment.hpp"

#include <algorithm>

namespace reflector {
namespace {

bool is_called(const std::string& variable, std::string_view name) {
  return variable.size() > name.size() && variable.starts_with(name) &&
         variable[name.size()] == '=';
}

bool belongs_to_user(std::string_view name) {
  return name == "HOME" || name == "USER" || name == "LOGNAME";
}

}  // namespace

std::vector<std::string> command_environment(const std::vector<std::string>& names,
                                             const std::vector<std::string>& agent,
                                             bool of_another_user) {
  std::vector<std::string> picked;
  const auto has = [&](std::string_view name) {
    return std::any_of(picked.begin(), picked.end(),
                       [&](const std::string& each) { return is_called(each, name); });
  };
  for (const auto& name : names) {
    if ((of_another_user && belongs_to_user(name)) || has(name)) continue;
    const auto found = std::find_if(agent.begin(), agent.end(),
                                    [&](const std::string& each) { return is_called(each, name); });
    if (found != agent.end()) picked.push_back(*found);
  }
  if (!has("PATH")) picked.push_back("PATH=" + std::string{default_path});
  return picked;
}

}  // namespace reflector
