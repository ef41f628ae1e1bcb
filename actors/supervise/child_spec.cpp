#include "actors/supervise/child_spec.hpp"

#include <algorithm>
#include <map>
#include <stdexcept>

namespace reflector {
namespace {

/// Puts groups in front of the first child that is in them.
class planting {
 public:
  explicit planting(const std::vector<group_spec>& groups) : groups_(groups) {
    tree_node root;
    root.name = "agent";
    root.is_group = true;
    // To start all of it anew is the business of whoever started the process.
    root.limits.intensity = 0;
    nodes_.push_back(std::move(root));
    open_.push_back({"", 0});
  }

  void add(const child_spec& child) {
    tree_node node;
    node.name = child.name;
    node.parent = group(child.group);
    node.restart = child.restart;
    node.limits = child.limits;
    node.when_exhausted = child.when_exhausted;
    nodes_.push_back(std::move(node));
  }

  std::vector<tree_node> take() { return std::move(nodes_); }

 private:
  struct open_group {
    std::string name;
    std::size_t index;
  };

  std::size_t group(const std::string& name) {
    const auto is_named = [&](const open_group& open) { return open.name == name; };
    const auto open = std::find_if(open_.begin(), open_.end(), is_named);
    if (open != open_.end()) {
      open_.erase(open + 1, open_.end());
      return open_.back().index;
    }
    const auto spec = std::find_if(groups_.begin(), groups_.end(),
                                   [&](const group_spec& each) { return each.name == name; });
    if (spec == groups_.end()) throw std::logic_error("no group is called " + name);
    if (std::any_of(nodes_.begin(), nodes_.end(),
                    [&](const tree_node& node) { return node.name == name; }))
      throw std::logic_error("the group " + name + " is in two places");
    tree_node node;
    node.name = name;
    node.parent = group(spec->parent);
    node.is_group = true;
    node.strategy = spec->strategy;
    node.limits = spec->limits;
    node.when_exhausted = spec->when_exhausted;
    nodes_.push_back(std::move(node));
    open_.push_back({name, nodes_.size() - 1});
    return open_.back().index;
  }

  const std::vector<group_spec>& groups_;
  std::vector<tree_node> nodes_;
  std::vector<open_group> open_;  ///< the root and what the last child is in
};

}  // namespace

std::vector<tree_node> supervision_plan::nodes() const {
  planting tree{groups};
  for (const auto& child : children) tree.add(child);
  return tree.take();
}

}  // namespace reflector
