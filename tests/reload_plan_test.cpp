#include "actors/supervise/reload_plan.hpp"

#include <stdexcept>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

using namespace reflector;

namespace {

using action = reload_step::action;

child_spec child(std::string name, std::string group, std::string configured = "as it was") {
  child_spec spec;
  spec.name = std::move(name);
  spec.group = std::move(group);
  spec.configured = std::move(configured);
  return spec;
}

/// A chain that begins with s and ends with z; a and b in the middle are no matter to each other.
supervision_plan plan(std::vector<child_spec> children) {
  return {{{"chain", "", group_strategy::rest_for_one}, {"free", "chain"}, {"beside", ""}},
          std::move(children)};
}

std::vector<action> actions(const reload_plan& steps) {
  std::vector<action> all;
  for (const auto& step : steps.steps) all.push_back(step.what);
  return all;
}

const supervision_plan before = plan({child("s", "chain"), child("a", "free"), child("b", "free"),
                                      child("z", "chain"), child("o", "beside")});

void check(const supervision_plan& after, const std::vector<action>& expected) {
  BOOST_TEST((actions(plan_reload(before, after)) == expected));
}

}  // namespace

BOOST_AUTO_TEST_CASE(nothing_new_changes_nothing) {
  const auto steps = plan_reload(before, before);
  BOOST_TEST(!steps.changes_anything());
}

BOOST_AUTO_TEST_CASE(what_differs_is_replaced_alone_where_nobody_holds_its_handle) {
  check(plan({child("s", "chain"), child("a", "free", "x"), child("b", "free"), child("z", "chain"),
              child("o", "beside")}),
        {action::keep, action::replace, action::keep, action::keep, action::keep});
}

BOOST_AUTO_TEST_CASE(the_first_of_a_chain_takes_all_with_it_and_none_beside) {
  check(plan({child("s", "chain", "x"), child("a", "free"), child("b", "free"), child("z", "chain"),
              child("o", "beside")}),
        {action::replace, action::replace, action::replace, action::replace, action::keep});
}

BOOST_AUTO_TEST_CASE(one_that_can_be_told_takes_nobody_with_it) {
  auto s = child("s", "chain", "x");
  s.reconfigure = [](const child_actor&) {};
  check(
      plan({s, child("a", "free"), child("b", "free"), child("z", "chain"), child("o", "beside")}),
      {action::reconfigure, action::keep, action::keep, action::keep, action::keep});
}

BOOST_AUTO_TEST_CASE(added_and_removed) {
  const auto after = plan({child("s", "chain"), child("b", "free"), child("c", "free"),
                           child("z", "chain"), child("o", "beside")});
  const auto steps = plan_reload(before, after);
  BOOST_TEST((actions(steps) ==
              std::vector{action::keep, action::keep, action::add, action::keep, action::keep}));
  BOOST_TEST((steps.removed == std::vector<std::size_t>{1}));
}

BOOST_AUTO_TEST_CASE(the_tree_of_a_plan) {
  const auto nodes = before.nodes();
  std::string said;
  for (const auto& node : nodes)
    said += node.name + '<' + (node.parent ? nodes[*node.parent].name : std::string{}) + ' ';
  BOOST_TEST(said ==
             "agent< chain<agent s<chain free<chain a<free b<free z<chain beside<agent o<beside ");
}

BOOST_AUTO_TEST_CASE(a_group_that_is_missing_or_in_two_places_is_a_bug) {
  BOOST_CHECK_THROW(plan({child("s", "nowhere")}).nodes(), std::logic_error);
  BOOST_CHECK_THROW(plan({child("a", "chain"), child("b", "beside"), child("c", "chain")}).nodes(),
                    std::logic_error);
}
