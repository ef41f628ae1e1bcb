#pragma once

#include "actors/supervise/restart_policy.hpp"
#include "messages/sample.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// What is restarted when, decided without any actor.
//
// The tree's leaves are children, its inner nodes groups. A node fails when its child ended though
// it should not have, was hung, or could not be started; a group fails when one of its nodes failed
// too often. What then happens:
//
//   1. what is left of a failed group is taken down, last started first;
//   2. in a rest_for_one group so are the nodes after the failed one, since they hold its handles;
//   3. within the limits of the node, it is started again after its backoff, and those after it
//      with it, in order;
//   4. beyond them, it rests for quarantine_time and is tried anew; or it escalates: its group has
//      failed. Where that is the root, the agent gives up: it stops in order, and whatever started
//      the process starts it again.
//
// A node that was taken down starts with whatever took it down, whatever it was waiting for itself.

namespace reflector {

/// Whether a child that ended is started again.
enum class restart_type : std::uint8_t {
  permanent,  ///< always
  transient,  ///< only if it failed
  temporary,  ///< never
};

/// What is restarted together with a node of a group.
enum class group_strategy : std::uint8_t {
  one_for_one,   ///< nothing
  rest_for_one,  ///< those that were started after it
};

/// What happens when a node fails more often than its limits allow.
enum class exhausted : std::uint8_t {
  escalate,    ///< its group fails
  quarantine,  ///< it stays down for quarantine_time; the others go on
};

inline constexpr std::chrono::minutes quarantine_time{5};

struct tree_node {
  std::string name;  ///< unique
  std::optional<std::size_t>
      parent;  ///< index of its group, which stands before it; the root: none
  bool is_group = false;
  group_strategy strategy = group_strategy::one_for_one;  ///< of a group
  restart_type restart = restart_type::permanent;         ///< of a child
  restart_limits limits = {};
  exhausted when_exhausted = exhausted::escalate;
};

enum class node_state : std::uint8_t {
  down,         ///< not started yet, or taken down with another
  running,      ///< of a group: started
  waiting,      ///< for the end of its backoff
  quarantined,  ///< for the end of its quarantine
  finished,     ///< ended for good, as its restart type says
};

/// How a child ended.
enum class ending : std::uint8_t {
  normal,  ///< by itself, without an error
  failed,  ///< with an error, or hung and let go
  stuck,   ///< hung and let go while one that was let go before hangs still: another try at once
           ///< would only take one more thread, so one that may be quarantined is
};

/// Who carries out what the tree decides.
class tree_ground {
 public:
  tree_ground() = default;
  tree_ground(const tree_ground&) = delete;
  tree_ground& operator=(const tree_ground&) = delete;
  virtual ~tree_ground() = default;

  /// Start this child. @return whether it runs now
  virtual bool start(std::size_t child) = 0;
  /// End this child and forget it; its end is not told to the tree.
  virtual void take_down(std::size_t child) = 0;
  /// Call due(turn) after this time.
  virtual void wake(std::size_t node, std::chrono::milliseconds after, std::uint64_t turn,
                    node_state why) = 0;
  /// The node failed too often, and its group fails with it.
  virtual void escalated(std::size_t node) = 0;
  /// The root failed too often.
  virtual void give_up() = 0;

  virtual monotonic_time now() = 0;
  virtual double random01() = 0;  ///< in [0, 1)
};

class supervision_tree {
 public:
  /// @param nodes the root first, then depth first in starting order
  supervision_tree(std::vector<tree_node> nodes, tree_ground& ground);

  void start();

  /// A child that runs has ended by itself. Children that don't run are no news.
  void ended(std::size_t child, ending how);

  /// The time that wake() asked for is over. A turn that doesn't count any more is no news.
  void due(std::uint64_t turn);

  node_state state(std::size_t node) const { return lives_[node].state; }
  const std::vector<tree_node>& nodes() const { return nodes_; }

  /// The same children, other nodes: what is known of a node by its name stays known, new ones are
  /// down until start_child. For a changed configuration.
  /// @pre those that are gone are not running
  void replace(std::vector<tree_node> nodes);

  /// Starts a child that is down, if its groups run and, in a chain, all before it.
  void start_child(std::size_t child);
  /// The child is to stop for another of its name to start: nothing counts as a failure.
  void put_down(std::size_t child);

 private:
  struct life {
    explicit life(const restart_limits& limits) : policy(limits) {}
    restart_policy policy;
    node_state state = node_state::down;
    std::uint64_t turn = 0;  ///< of the wake-up that counts
  };

  bool start_node(std::size_t node);
  void start_rest(std::size_t node);
  void fail(std::size_t node, ending how = ending::failed);
  void take_down(std::size_t node);
  bool is_within(std::size_t node, std::size_t group) const;
  bool is_later_sibling(std::size_t node, std::size_t than) const;
  bool may_start(std::size_t node) const;

  std::vector<tree_node> nodes_;
  std::vector<life> lives_;
  tree_ground& ground_;
  std::uint64_t turns_ = 0;
};

}  // namespace reflector
