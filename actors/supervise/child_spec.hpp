#pragma once

#include "actors/supervise/poison_watch.hpp"
#include "actors/supervise/supervision_tree.hpp"
#include "messages/interfaces.hpp"

#include <chrono>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <caf/fwd.hpp>

// The whole agent as data: a list of groups and a list of children in starting order. What happens
// to them is supervision_tree.hpp's business.

namespace reflector {

struct started_child {
  child_actor handle;
  ticked_actor ticked;  ///< the same actor where ticks go to it, else null
  /// The ticks that go to it are this collector's; nothing: all.
  std::optional<collector_id> collects{};
};

/// What a child is started with, beside what its spec knows.
struct child_start {
  caf::actor_system& system;
  const supervisor_actor& supervisor;
  const std::deque<poison>& poisons;  ///< messages to go on without, see poison_watch.hpp
};

struct child_spec {
  std::string name;   ///< unique; what log lines and the status call it
  std::string group;  ///< of a group_spec; those of a group stand next to each other
  std::function<started_child(const child_start&)> start;
  restart_type restart = restart_type::permanent;
  restart_limits limits = {};
  exhausted when_exhausted = exhausted::escalate;

  /// From the stop message to being ended without more ado. Neighbours with the same `stop_stage`
  /// stop together.
  std::chrono::milliseconds stop_deadline{500};
  std::string stop_stage = {};

  /// One that doesn't answer a heartbeat for so long is hung: let go and replaced, which is a
  /// failure of it.
  std::chrono::milliseconds heartbeat_deadline{10'000};
  /// False: it is only said that it hangs. For one whose successor would hang on the same thing.
  bool replace_when_hung = true;

  /// All that the configuration says about it: where it differs after a reload, the child is
  /// replaced,
  std::string configured = {};
  /// or told, where it can be.
  std::function<void(const child_actor&)> reconfigure = {};
};

struct group_spec {
  std::string name;    ///< unique, no child's either
  std::string parent;  ///< empty: the root
  group_strategy strategy = group_strategy::one_for_one;
  restart_limits limits = {};
  exhausted when_exhausted = exhausted::escalate;
};

struct supervision_plan {
  std::vector<group_spec> groups;    ///< parents before their groups
  std::vector<child_spec> children;  ///< in starting order

  /// The tree, its leaves in the order of `children`. Throws std::logic_error where a group is
  /// missing or is in two places.
  std::vector<tree_node> nodes() const;
};

}  // namespace reflector
