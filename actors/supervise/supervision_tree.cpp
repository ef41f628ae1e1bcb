#include "actors/supervise/supervision_tree.hpp"

#include <algorithm>
#include <utility>

namespace reflector {

supervision_tree::supervision_tree(std::vector<tree_node> nodes, tree_ground& ground)
    : nodes_(std::move(nodes)), ground_(ground) {
  lives_.reserve(nodes_.size());
  for (const auto& node : nodes_) lives_.emplace_back(node.limits);
}

void supervision_tree::start() {
  start_node(0);
}

void supervision_tree::ended(std::size_t child, ending how) {
  life& it = lives_[child];
  if (it.state != node_state::running) return;
  const restart_type type = nodes_[child].restart;
  const bool for_good =
      type == restart_type::temporary || (type == restart_type::transient && how == ending::normal);
  if (for_good)
    it.state = node_state::finished;
  else
    fail(child, how);
}

void supervision_tree::due(std::uint64_t turn) {
  const auto it = std::find_if(lives_.begin(), lives_.end(), [&](const life& each) {
    const bool waits = each.state == node_state::waiting || each.state == node_state::quarantined;
    return waits && each.turn == turn;
  });
  if (it == lives_.end()) return;
  const auto node = static_cast<std::size_t>(it - lives_.begin());
  if (start_node(node)) start_rest(node);
}

/// @return whether it runs now: a child that can't be started has failed already
bool supervision_tree::start_node(std::size_t node) {
  lives_[node].state = node_state::running;
  if (!nodes_[node].is_group) {
    if (ground_.start(node)) return true;
    if (nodes_[node].restart == restart_type::temporary) {
      lives_[node].state = node_state::finished;
      return true;
    }
    fail(node);
    return false;
  }
  const bool is_chain = nodes_[node].strategy == group_strategy::rest_for_one;
  for (std::size_t i = node + 1; i < nodes_.size() && is_within(i, node); ++i) {
    if (nodes_[i].parent != node) continue;
    const bool started = start_node(i);
    if (lives_[node].state != node_state::running) return false;  // that was once too often
    if (!started && is_chain) break;                              // those after it start with it
  }
  return true;
}

/// What was taken down with a node that runs again.
void supervision_tree::start_rest(std::size_t node) {
  if (!nodes_[node].parent) return;
  const std::size_t group = *nodes_[node].parent;
  if (nodes_[group].strategy != group_strategy::rest_for_one) return;
  for (std::size_t i = node + 1; i < nodes_.size(); ++i)
    if (is_later_sibling(i, node) && lives_[i].state == node_state::down && !start_node(i)) return;
}

void supervision_tree::fail(std::size_t node, ending how) {
  if (nodes_[node].is_group) take_down(node);
  const auto parent = nodes_[node].parent;
  if (parent && nodes_[*parent].strategy == group_strategy::rest_for_one)
    for (std::size_t i = nodes_.size(); i-- > node + 1;)
      if (is_later_sibling(i, node)) take_down(i);
  life& it = lives_[node];
  it.turn = ++turns_;
  const bool may_rest = nodes_[node].when_exhausted == exhausted::quarantine;
  std::optional<std::chrono::milliseconds> backoff;
  if (how != ending::stuck || !may_rest)
    backoff = it.policy.on_failure(ground_.now(), ground_.random01());
  if (backoff) {
    it.state = node_state::waiting;
    ground_.wake(node, *backoff, it.turn, it.state);
  } else if (may_rest) {
    it.policy.forgive();
    it.state = node_state::quarantined;
    ground_.wake(node, quarantine_time, it.turn, it.state);
  } else {
    it.policy.forgive();
    it.state = node_state::down;
    if (!parent) return ground_.give_up();
    ground_.escalated(node);
    fail(*parent);
  }
}

/// A child that is finished stays so, unless its group starts anew.
void supervision_tree::take_down(std::size_t node) {
  if (nodes_[node].is_group)
    for (std::size_t i = nodes_.size(); i-- > node + 1;)
      if (nodes_[i].parent == node) {
        take_down(i);
        lives_[i].state = node_state::down;
      }
  life& it = lives_[node];
  if (it.state == node_state::finished) return;
  if (it.state == node_state::running && !nodes_[node].is_group) ground_.take_down(node);
  it.state = node_state::down;
  it.turn = ++turns_;
}

bool supervision_tree::is_within(std::size_t node, std::size_t group) const {
  for (auto up = nodes_[node].parent; up; up = nodes_[*up].parent)
    if (*up == group) return true;
  return false;
}

bool supervision_tree::is_later_sibling(std::size_t node, std::size_t than) const {
  return node > than && nodes_[node].parent == nodes_[than].parent;
}

void supervision_tree::replace(std::vector<tree_node> nodes) {
  std::vector<life> lives;
  lives.reserve(nodes.size());
  for (const auto& node : nodes) {
    const auto before = std::find_if(nodes_.begin(), nodes_.end(), [&](const tree_node& old) {
      return old.name == node.name && old.is_group == node.is_group;
    });
    if (before == nodes_.end()) {
      lives.emplace_back(node.limits);
      // A group that is new has nothing to wait for.
      if (node.is_group) lives.back().state = node_state::running;
    } else {
      lives.push_back(lives_[static_cast<std::size_t>(before - nodes_.begin())]);
    }
  }
  nodes_ = std::move(nodes);
  lives_ = std::move(lives);
}

bool supervision_tree::may_start(std::size_t node) const {
  const auto parent = nodes_[node].parent;
  if (!parent) return true;
  if (lives_[*parent].state != node_state::running) return false;
  if (nodes_[*parent].strategy == group_strategy::rest_for_one)
    for (std::size_t before = *parent + 1; before < node; ++before)
      if (is_later_sibling(node, before) && lives_[before].state != node_state::running &&
          lives_[before].state != node_state::finished)
        return false;
  return may_start(*parent);
}

void supervision_tree::start_child(std::size_t child) {
  if (lives_[child].state == node_state::down && may_start(child)) start_node(child);
}

void supervision_tree::put_down(std::size_t child) {
  lives_[child].state = node_state::down;
  lives_[child].turn = ++turns_;
}

}  // namespace reflector
