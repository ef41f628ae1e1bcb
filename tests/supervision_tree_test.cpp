#include "actors/supervise/supervision_tree.hpp"

#include "actors/deliver/backoff.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

using namespace reflector;
using namespace std::chrono_literals;

namespace {

/// What the tree, or the model of it, asked for, in order: "+a" start a, "-a" take it down, "?a 20"
/// wake a after 20 ms, "^a" a escalated, "!" the agent gives up.
using deeds = std::vector<std::string>;

struct wake_up {
  std::string node;
  std::uint64_t turn = 0;
  monotonic_time at{};
};

/// Carries out nothing, and remembers.
class recorder final : public tree_ground {
 public:
  bool start(std::size_t child) override {
    done.push_back('+' + nodes.at(child).name);
    return !unstartable.contains(nodes.at(child).name);
  }
  void take_down(std::size_t child) override { done.push_back('-' + nodes.at(child).name); }
  void wake(std::size_t node, std::chrono::milliseconds after, std::uint64_t turn,
            node_state) override {
    done.push_back('?' + nodes.at(node).name + ' ' + std::to_string(after.count()));
    wakes.push_back({nodes.at(node).name, turn, at + after});
  }
  void escalated(std::size_t node) override { done.push_back('^' + nodes.at(node).name); }
  void give_up() override { done.emplace_back("!"); }
  monotonic_time now() override { return at; }
  double random01() override { return random; }

  std::vector<tree_node> nodes;
  std::set<std::string> unstartable;
  monotonic_time at{};
  double random = 0.5;
  deeds done;
  std::vector<wake_up> wakes;
};

tree_node group(std::string name, std::optional<std::size_t> parent, group_strategy strategy) {
  tree_node node;
  node.name = std::move(name);
  node.parent = parent;
  node.is_group = true;
  node.strategy = strategy;
  node.limits = {1, 10s, 100ms, 1s};
  return node;
}

tree_node child(std::string name, std::size_t parent, unsigned intensity = 2) {
  tree_node node;
  node.name = std::move(name);
  node.parent = parent;
  node.limits = {intensity, 10s, 100ms, 1s};
  return node;
}

constexpr auto alone = group_strategy::one_for_one;
constexpr auto chain = group_strategy::rest_for_one;

struct planted {
  explicit planted(std::vector<tree_node> nodes) {
    ground.nodes = nodes;
    tree = std::make_unique<supervision_tree>(std::move(nodes), ground);
    tree->start();
    ground.done.clear();
  }
  void fail(std::size_t node) { tree->ended(node, ending::failed); }
  /// The oldest wake-up that was asked for.
  void wake() {
    const auto next = ground.wakes.front();
    ground.wakes.erase(ground.wakes.begin());
    ground.at = std::max(ground.at, next.at);
    tree->due(next.turn);
  }
  deeds did() { return std::exchange(ground.done, {}); }

  recorder ground;
  std::unique_ptr<supervision_tree> tree;
};

void check_same(const deeds& a, const deeds& b) {
  BOOST_TEST(a == b, boost::test_tools::per_element());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(decisions)

BOOST_AUTO_TEST_CASE(one_for_one_restarts_the_child_alone) {
  planted tree{{group("root", std::nullopt, alone), child("a", 0), child("b", 0)}};
  tree.fail(1);
  check_same(tree.did(), {"?a 50"});
  tree.wake();
  check_same(tree.did(), {"+a"});
}

BOOST_AUTO_TEST_CASE(rest_for_one_takes_down_the_rest_in_reverse_and_starts_it_in_order) {
  planted tree{{group("root", std::nullopt, chain), child("a", 0), child("b", 0), child("c", 0),
                child("d", 0)}};
  tree.fail(2);
  check_same(tree.did(), {"-d", "-c", "?b 50"});
  tree.wake();
  check_same(tree.did(), {"+b", "+c", "+d"});
}

BOOST_AUTO_TEST_CASE(a_child_that_fails_too_often_fails_its_group) {
  planted tree{
      {group("root", std::nullopt, alone), group("g", 0, alone), child("a", 1, 1), child("b", 1)}};
  tree.fail(2);
  tree.wake();
  tree.did();
  tree.fail(2);
  check_same(tree.did(), {"^a", "-b", "?g 50"});
  tree.wake();
  check_same(tree.did(), {"+a", "+b"});
}

BOOST_AUTO_TEST_CASE(the_root_gives_up_last) {
  planted tree{{group("root", std::nullopt, alone), child("a", 0, 0)}};
  tree.fail(1);  // within the root's limits
  check_same(tree.did(), {"^a", "?root 50"});
  tree.wake();
  tree.did();
  tree.fail(1);
  check_same(tree.did(), {"^a", "!"});
}

BOOST_AUTO_TEST_CASE(a_quarantined_child_disturbs_nobody_and_is_tried_anew) {
  auto sick = child("a", 0, 0);
  sick.when_exhausted = exhausted::quarantine;
  planted tree{{group("root", std::nullopt, alone), sick, child("b", 0)}};
  tree.fail(1);
  check_same(tree.did(), {"?a 300000"});
  BOOST_TEST((tree.tree->state(1) == node_state::quarantined));
  tree.wake();
  check_same(tree.did(), {"+a"});
}

BOOST_AUTO_TEST_CASE(one_that_hangs_while_its_predecessor_does_is_quarantined_at_once) {
  auto sick = child("a", 0);
  sick.when_exhausted = exhausted::quarantine;
  planted tree{{group("root", std::nullopt, alone), sick, child("b", 0)}};
  tree.tree->ended(1, ending::stuck);
  check_same(tree.did(), {"?a 300000"});
  tree.tree->ended(2, ending::stuck);
  check_same(tree.did(), {"?b 50"});
}

BOOST_AUTO_TEST_CASE(restart_types) {
  for (const auto& [type, how, restarts] :
       {std::tuple{restart_type::permanent, ending::normal, true},
        {restart_type::permanent, ending::failed, true},
        {restart_type::transient, ending::normal, false},
        {restart_type::transient, ending::failed, true},
        {restart_type::temporary, ending::normal, false},
        {restart_type::temporary, ending::failed, false}}) {
    auto a = child("a", 0);
    a.restart = type;
    planted tree{{group("root", std::nullopt, alone), a}};
    tree.tree->ended(1, how);
    BOOST_TEST(tree.did() == (restarts ? deeds{"?a 50"} : deeds{}),
               boost::test_tools::per_element());
    BOOST_TEST((tree.tree->state(1) == (restarts ? node_state::waiting : node_state::finished)));
  }
}

BOOST_AUTO_TEST_CASE(one_that_can_not_be_started_keeps_the_rest_of_its_chain_down) {
  planted tree{{group("root", std::nullopt, chain), child("a", 0), child("b", 0)}};
  tree.ground.unstartable = {"a"};
  tree.fail(1);
  tree.wake();
  check_same(tree.did(), {"-b", "?a 50", "+a", "?a 100"});
  tree.ground.unstartable.clear();
  tree.wake();
  check_same(tree.did(), {"+a", "+b"});
}

BOOST_AUTO_TEST_CASE(an_outdated_wake_up_is_no_news) {
  planted tree{{group("root", std::nullopt, chain), child("a", 0), child("b", 0)}};
  tree.fail(2);
  tree.fail(1);  // b waits for a now
  tree.did();
  tree.wake();
  check_same(tree.did(), {});
  tree.wake();
  check_same(tree.did(), {"+a", "+b"});
}

BOOST_AUTO_TEST_CASE(other_children_keep_their_history_when_the_tree_is_replaced) {
  planted tree{{group("root", std::nullopt, alone), child("a", 0, 1), child("b", 0, 1)}};
  tree.fail(2);
  const std::vector<tree_node> other{group("root", std::nullopt, alone), child("new", 0),
                                     child("b", 0, 1)};
  tree.tree->put_down(1);
  tree.ground.nodes = other;
  tree.tree->replace(other);
  tree.did();
  tree.tree->start_child(1);
  tree.wake();
  check_same(tree.did(), {"+new", "+b"});
  tree.fail(2);
  check_same(tree.did(), {"^b", "-new", "?root 50"});
}

BOOST_AUTO_TEST_SUITE_END()

namespace {

// The model: the same rules, written as a tree of objects that keep every failure they ever had.
struct model_node {
  std::string name;
  model_node* parent = nullptr;
  std::vector<std::unique_ptr<model_node>> nodes;
  const tree_node* spec = nullptr;
  enum class is { down, up, waiting, over } state = is::down;
  std::vector<monotonic_time> failures;
  unsigned in_a_row = 0;
  int wake = -1;  ///< number of the wake-up it waits for
};

class model {
 public:
  model(const std::vector<tree_node>& specs, const recorder& world) : world_(world) {
    std::vector<model_node*> made;
    for (const auto& spec : specs) {
      auto node = std::make_unique<model_node>();
      node->name = spec.name;
      node->spec = &spec;
      made.push_back(node.get());
      by_name_[spec.name] = node.get();
      if (!spec.parent) {
        root_ = std::move(node);
      } else {
        node->parent = made[*spec.parent];
        made[*spec.parent]->nodes.push_back(std::move(node));
      }
    }
  }

  void start() { up(*root_); }

  void ended(const std::string& name, ending how) {
    model_node& node = *by_name_.at(name);
    if (node.state != model_node::is::up) return;
    const auto type = node.spec->restart;
    if (type == restart_type::permanent ||
        (type == restart_type::transient && how != ending::normal))
      failed(node, how == ending::stuck);
    else
      node.state = model_node::is::over;
  }

  void woken(int number) {
    for (auto& [name, node] : by_name_)
      if (node->state == model_node::is::waiting && node->wake == number) {
        if (up(*node)) up_those_after(*node);
        return;
      }
  }

  std::set<std::string> running() const {
    std::set<std::string> all;
    for (const auto& [name, node] : by_name_)
      if (!node->spec->is_group && node->state == model_node::is::up) all.insert(name);
    return all;
  }

  deeds did;
  int wakes = 0;

 private:
  bool up(model_node& node) {
    node.state = model_node::is::up;
    if (!node.spec->is_group) {
      did.push_back('+' + node.name);
      if (!world_.unstartable.contains(node.name)) return true;
      if (node.spec->restart == restart_type::temporary) {
        node.state = model_node::is::over;
        return true;
      }
      failed(node);
      return false;
    }
    for (auto& each : node.nodes) {
      const bool well = up(*each);
      if (node.state != model_node::is::up) return false;
      if (!well && node.spec->strategy == chain) return true;
    }
    return true;
  }

  void up_those_after(model_node& node) {
    if (node.parent == nullptr || node.parent->spec->strategy != chain) return;
    bool after = false;
    for (auto& each : node.parent->nodes) {
      if (after && each->state == model_node::is::down && !up(*each)) return;
      if (each.get() == &node) after = true;
    }
  }

  void down(model_node& node, bool anew) {
    for (auto each = node.nodes.rbegin(); each != node.nodes.rend(); ++each) down(**each, true);
    if (node.state == model_node::is::over && !anew) return;
    if (node.state == model_node::is::up && !node.spec->is_group) did.push_back('-' + node.name);
    node.state = model_node::is::down;
  }

  void failed(model_node& node, bool is_stuck = false) {
    if (node.spec->is_group) down(node, false);
    if (node.parent != nullptr && node.parent->spec->strategy == chain) {
      auto& all = node.parent->nodes;
      for (auto each = all.rbegin(); each->get() != &node; ++each) down(**each, false);
    }
    if (is_stuck && node.spec->when_exhausted == exhausted::quarantine) {
      forgive(node);
      return wait_for(node, quarantine_time);
    }
    const auto& limits = node.spec->limits;
    if (!node.failures.empty() && world_.at - node.failures.back() > 5 * limits.period)
      forgive(node);
    const auto recent = std::count_if(node.failures.begin(), node.failures.end(),
                                      [&](auto at) { return world_.at - at <= limits.period; });
    if (recent < static_cast<std::ptrdiff_t>(limits.intensity)) {
      node.failures.push_back(world_.at);
      const auto wait =
          full_jitter(node.in_a_row++, limits.backoff_initial, limits.backoff_max, world_.random);
      wait_for(node, wait);
    } else if (node.spec->when_exhausted == exhausted::quarantine) {
      forgive(node);
      wait_for(node, quarantine_time);
    } else {
      forgive(node);
      node.state = model_node::is::down;
      if (node.parent == nullptr) {
        did.emplace_back("!");
      } else {
        did.push_back('^' + node.name);
        failed(*node.parent);
      }
    }
  }

  void wait_for(model_node& node, std::chrono::milliseconds wait) {
    node.state = model_node::is::waiting;
    node.wake = wakes++;
    did.push_back('?' + node.name + ' ' + std::to_string(wait.count()));
  }

  static void forgive(model_node& node) {
    node.failures.clear();
    node.in_a_row = 0;
  }

  const recorder& world_;
  std::unique_ptr<model_node> root_;
  std::map<std::string, model_node*> by_name_;
};

using dice = std::mt19937;

std::size_t roll(dice& random, std::size_t sides) {
  return std::uniform_int_distribution<std::size_t>{0, sides - 1}(random);
}

/// Up to three levels, depth first.
void grow(dice& random, std::vector<tree_node>& nodes, std::size_t parent, unsigned depth) {
  const std::size_t count = 1 + roll(random, 3);
  for (std::size_t i = 0; i < count; ++i) {
    const bool is_group = depth > 0 && roll(random, 3) == 0;
    tree_node node = is_group ? group("", parent, roll(random, 2) == 0 ? alone : chain)
                              : child("", parent, static_cast<unsigned>(roll(random, 4)));
    node.name = std::string{is_group ? "g" : "c"} + std::to_string(nodes.size());
    node.limits.intensity = static_cast<unsigned>(roll(random, 4));
    if (roll(random, 4) == 0) node.when_exhausted = exhausted::quarantine;
    if (!is_group) node.restart = static_cast<restart_type>(roll(random, 6) % 5 % 3);
    nodes.push_back(node);
    if (is_group) grow(random, nodes, nodes.size() - 1, depth - 1);
  }
}

/// Events happen to the tree and to the model; what they did must be the same after each.
/// @return whether it was; the number of events of each kind is added up in `seen`
bool agree(unsigned seed, std::map<std::string, unsigned>& seen) {
  dice random{seed};
  std::vector<tree_node> nodes{group("root", std::nullopt, roll(random, 2) == 0 ? alone : chain)};
  nodes.front().limits.intensity = static_cast<unsigned>(roll(random, 3));
  grow(random, nodes, 0, 2);
  recorder ground;
  ground.nodes = nodes;
  supervision_tree tree{nodes, ground};
  model expected{nodes, ground};
  tree.start();
  expected.start();
  for (int event = 0; event < 12; ++event) {
    ground.random = static_cast<double>(roll(random, 100)) / 100;
    ground.at += std::chrono::milliseconds{roll(random, 5) == 0 ? roll(random, 120'000)
                                                                : roll(random, 3000)};
    const auto node = roll(random, nodes.size());
    switch (roll(random, 6)) {
      case 0: {
        const auto name = nodes[node].name;
        if (!ground.unstartable.erase(name)) ground.unstartable.insert(name);
        break;
      }
      case 1:
      case 2:
        if (!ground.wakes.empty()) {
          const auto which = roll(random, ground.wakes.size());
          tree.due(ground.wakes[which].turn);
          expected.woken(static_cast<int>(which));
        }
        break;
      default:
        if (!nodes[node].is_group) {
          const auto how = static_cast<ending>(roll(random, 6) % 4 % 3);
          tree.ended(node, how);
          expected.ended(nodes[node].name, how);
        }
    }
    if (ground.done != expected.did) return false;
    if (ground.wakes.size() != static_cast<std::size_t>(expected.wakes)) return false;
    std::set<std::string> running;
    for (std::size_t i = 0; i < nodes.size(); ++i)
      if (!nodes[i].is_group && tree.state(i) == node_state::running) running.insert(nodes[i].name);
    if (running != expected.running()) return false;
    if (!ground.done.empty() && ground.done.back() == "!") break;
  }
  for (const auto& deed : ground.done) ++seen[deed.substr(0, 1)];
  return true;
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_model_agrees_over_100000_random_sequences) {
  std::map<std::string, unsigned> seen;
  unsigned differ = 0;
  for (unsigned seed = 0; seed < 100'000; ++seed) {
    if (agree(seed, seen)) continue;
    if (++differ <= 5) BOOST_ERROR("seed " << seed << ": the tree and its model differ");
  }
  BOOST_TEST(differ == 0U);
  // Each deed occurred, and often.
  for (const char* deed : {"+", "-", "?", "^", "!"}) BOOST_TEST(seen[deed] > 1000U, deed);
}
