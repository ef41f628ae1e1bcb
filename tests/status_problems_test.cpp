#include "actors/observe/status_problems.hpp"

#include <functional>

#include <boost/test/unit_test.hpp>

using namespace reflector;

namespace {

/// All there is, and all well.
agent_status well() {
  agent_status all;
  all.spool = spool_status{};
  all.spool->open = true;
  actor_status actor;
  actor.name = "batcher";
  actor.state = actor_state::running;
  all.actors = {actor};
  agent_status::endpoint endpoint;
  endpoint.said.name = "ego";
  endpoint.said.state = endpoint_state::well;
  all.endpoints = {endpoint};
  all.command_queues = {{{"ego", "deny", 0, 0, ""}, {}}};
  return all;
}

struct difference {
  const char* what;
  std::function<void(agent_status&)> make;
  const char* says;  ///< empty: still well
};

}  // namespace

BOOST_AUTO_TEST_CASE(each_thing_that_is_wrong_is_one_problem_and_nothing_else_is) {
  const std::vector<difference> differences{
      {"nothing", [](agent_status&) {}, ""},
      {"not begun", [](agent_status& a) { a = {}; }, ""},
      {"unknown endpoint",
       [](agent_status& a) { a.endpoints[0].said.state = endpoint_state::unknown; }, ""},
      {"waiting samples", [](agent_status& a) { a.endpoints[0].waiting.count = 1000; }, ""},
      {"dead letters", [](agent_status& a) { a.endpoints[0].totals.dead_letters = 3; }, ""},
      {"restarts", [](agent_status& a) { a.actors[0].restarts = 3; }, ""},
      {"an old failure", [](agent_status& a) { a.actors[0].last_failure = actor_failure{}; }, ""},
      {"missed ticks", [](agent_status& a) { a.supervision.missed_ticks = 3; }, ""},
      {"a clock jump", [](agent_status& a) { a.supervision.clock_jumps = 3; }, ""},
      {"a reload that failed long ago", [](agent_status& a) { a.supervision.reloads_failed = 3; },
       ""},
      {"stopping", [](agent_status& a) { a.actors[0].state = actor_state::stopping; }, ""},
      {"starting", [](agent_status& a) { a.actors[0].state = actor_state::starting; }, ""},
      {"retrying", [](agent_status& a) { a.endpoints[0].said.state = endpoint_state::retrying; },
       "endpoint ego does not take samples"},
      {"held", [](agent_status& a) { a.endpoints[0].said.state = endpoint_state::held; },
       "endpoint ego takes no samples until someone mends it"},
      {"refusing", [](agent_status& a) { a.endpoints[0].said.state = endpoint_state::refusing; },
       "endpoint ego refuses what it is sent"},
      {"breaker", [](agent_status& a) { a.endpoints[0].said.breaker = breaker_state::open; },
       "endpoint ego is met with single samples after its failures"},
      {"refused commands", [](agent_status& a) { a.command_queues[0].totals.refused = 3; }, ""},
      {"interrupted commands", [](agent_status& a) { a.command_queues[0].totals.interrupted = 3; },
       ""},
      {"a queue's problem",
       [](agent_status& a) { a.command_queues[0].said.problem = "no space left on device"; },
       "commands of ego are not run: no space left on device"},
      {"a queue that does not answer",
       [](agent_status& a) { a.command_queues[0].unreachable = "status 502"; },
       "commands of ego do not come: status 502"},
      {"closed spool", [](agent_status& a) { a.spool->open = false; }, "the spool can't be opened"},
      {"failing spool", [](agent_status& a) { a.spool->failing = true; },
       "the spool's disk refuses something; 0 sample(s) held in memory"},
      {"quarantined", [](agent_status& a) { a.actors[0].state = actor_state::quarantined; },
       "batcher is quarantined"},
      {"hung", [](agent_status& a) { a.actors[0].state = actor_state::hung; }, "batcher is hung"},
      {"restarting", [](agent_status& a) { a.actors[0].state = actor_state::restarting; },
       "batcher is restarting"},
      {"ended", [](agent_status& a) { a.actors[0].state = actor_state::ended; },
       "batcher is ended"},
      {"degraded", [](agent_status& a) { a.supervision.degradation = 2; }, "degraded to level 2"},
      {"abandoned", [](agent_status& a) { a.supervision.abandoned_threads = 1; },
       "1 thread(s) hang in a call that does not return"},
      {"bad reload", [](agent_status& a) { a.supervision.last_reload_error = "line 3"; },
       "the last reload was refused: line 3"},
  };
  for (const auto& each : differences) {
    agent_status all = well();
    each.make(all);
    const auto problems = status_problems(all);
    BOOST_TEST_CONTEXT(each.what) {
      const std::string says = each.says;
      BOOST_TEST(problems.size() == (says.empty() ? 0U : 1U));
      if (problems.size() == 1) BOOST_TEST(problems[0] == says);
    }
  }
}
