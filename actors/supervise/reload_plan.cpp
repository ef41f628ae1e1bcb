#include "actors/supervise/reload_plan.hpp"

#include <algorithm>

namespace reflector {
namespace {

using action = reload_step::action;

std::optional<std::size_t> index_of(const supervision_plan& plan, const std::string& name) {
  const auto found = std::find_if(plan.children.begin(), plan.children.end(),
                                  [&](const child_spec& child) { return child.name == name; });
  if (found == plan.children.end()) return std::nullopt;
  return static_cast<std::size_t>(found - plan.children.begin());
}

reload_step step_for(const supervision_plan& before, const child_spec& child) {
  const auto index = index_of(before, child.name);
  if (!index || before.children[*index].group != child.group) return {action::add, std::nullopt};
  if (before.children[*index].configured == child.configured) return {action::keep, index};
  return {child.reconfigure ? action::reconfigure : action::replace, index};
}

/// Where the nodes of a group hold the handles of those before them, a change reaches the rest.
void replace_rest(const std::vector<tree_node>& nodes, std::vector<reload_step>& steps) {
  std::vector<std::size_t> leaf_of(nodes.size());
  std::size_t leaves = 0;
  for (std::size_t i = 0; i < nodes.size(); ++i)
    if (!nodes[i].is_group) leaf_of[i] = leaves++;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (nodes[i].is_group || !nodes[i].parent) continue;
    if (nodes[*nodes[i].parent].strategy != group_strategy::rest_for_one) continue;
    const auto what = steps[leaf_of[i]].what;
    if (what != action::replace && what != action::add) continue;
    for (std::size_t later = i + 1; later < nodes.size(); ++later) {
      std::optional<std::size_t> up = later;
      while (up && nodes[*up].parent != nodes[i].parent) up = nodes[*up].parent;
      if (!up || nodes[later].is_group) continue;
      auto& step = steps[leaf_of[later]];
      if (step.what != action::add) step.what = action::replace;
    }
  }
}

}  // namespace

bool reload_plan::changes_anything() const {
  return !removed.empty() || std::any_of(steps.begin(), steps.end(), [](const reload_step& step) {
    return step.what != action::keep;
  });
}

reload_plan plan_reload(const supervision_plan& before, const supervision_plan& after) {
  reload_plan plan;
  for (const auto& child : after.children) plan.steps.push_back(step_for(before, child));
  replace_rest(after.nodes(), plan.steps);
  for (std::size_t i = 0; i < before.children.size(); ++i) {
    const bool stays = std::any_of(plan.steps.begin(), plan.steps.end(),
                                   [&](const reload_step& step) { return step.before == i; });
    if (!stays) plan.removed.push_back(i);
  }
  return plan;
}

}  // namespace reflector
