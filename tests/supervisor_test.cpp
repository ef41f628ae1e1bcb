#include "actors/supervise/supervisor.hpp"

#include "actors/observe/status_board.hpp"
#include "actors/supervise/child_behavior.hpp"
#include "tests/virtual_time.hpp"

#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>
#include <caf/actor_cast.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>

using namespace reflector;
using namespace std::chrono_literals;

namespace {

/// What the children did, in order: "a+" started, "a-" told to stop, "a!" threw.
using diary = std::vector<std::string>;

struct child_script {
  std::string name = {};
  diary* log = nullptr;
  std::uint64_t throw_at_tick = 0;  ///< 0: never
  bool ignores_stop = false;
  bool is_hung = false;  ///< answers no heartbeat
};

class test_child final : public ticked_actor::base {
 public:
  test_child(caf::actor_config& config, child_script script)
      : ticked_actor::base(config), script_(std::move(script)) {}

  behavior_type make_behavior() override {
    behave_as_child(*this);
    if (script_.is_hung) set_default_handler(caf::skip);
    script_.log->push_back(script_.name + '+');
    return {
        [this](stop_atom) {
          script_.log->push_back(script_.name + '-');
          if (!script_.ignores_stop) quit();
        },
        [this](const tick& now) {
          if (script_.throw_at_tick == 0 || now.number < script_.throw_at_tick) return;
          script_.log->push_back(script_.name + '!');
          throw std::runtime_error("as the test wants");
        },
    };
  }

 private:
  child_script script_;
};

struct supervised_children {
  child_spec spec(child_script script) {
    child_spec s;
    s.name = script.name;
    s.group = "all";
    s.configured = script.name;
    s.limits = {3, 10s, 10ms, 100ms};
    script.log = &log;
    s.start = [script, this](const child_start& with) {
      if (unstartable == script.name) throw std::runtime_error("can't start");
      const auto handle = with.system.spawn<test_child>(script);
      newest = handle;
      poisons = with.poisons;
      return started_child{caf::actor_cast<child_actor>(handle), handle};
    };
    return s;
  }

  supervision_plan plan_of(std::vector<child_spec> specs) const {
    return {{{"all", "", strategy, {3, 60s, 10ms, 100ms}}, {"other", ""}}, std::move(specs)};
  }

  void start(std::vector<child_spec> specs) {
    supervisor = spawn_supervisor(time.system(), plan_of(std::move(specs)), settings());
    time.run();
  }

  void reload_with(std::vector<child_spec> specs) {
    reload(supervisor, std::make_shared<const changed_plan>(
                           changed_plan{plan_of(std::move(specs)), settings()}));
    time.run();
  }

  actor_status status_of(const std::string& child) const {
    for (const auto& each : board.snapshot({}, {}).actors)
      if (each.name == child) return each;
    return {};
  }

  supervisor_settings settings() {
    supervisor_settings settings;
    settings.interval = 1s;
    settings.reading_deadline = 800ms;
    settings.limits = limits;
    settings.usage = [this] { return usage; };
    settings.endpoints = {{"slow", {1, 10, 1000}}};
    settings.command_queues = queues;
    settings.wall_now = [] { return wall_time{}; };
    settings.board = &board;
    settings.on_end = [this](bool how) { ended.push_back(how); };
    return settings;
  }

  void stop() {
    newest = nullptr;
    caf::anon_send(supervisor, stop_atom{});
  }

  ~supervised_children() {
    stop();
    time.advance(6s);
  }

  limits_config limits{10, 2, 60};
  own_usage usage;
  diary log;
  group_strategy strategy = group_strategy::one_for_one;
  ticked_actor newest;         ///< the child that was started last
  std::deque<poison> poisons;  ///< that it was told of
  status_board board;
  std::string unstartable;
  std::set<std::string> queues;
  std::vector<bool> ended;
  virtual_time time;
  supervisor_actor supervisor;
};

std::size_t count(const diary& log, const std::string& entry) {
  return static_cast<std::size_t>(std::count(log.begin(), log.end(), entry));
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(supervision, supervised_children)

BOOST_AUTO_TEST_CASE(children_start_in_order_and_stop_in_reverse) {
  start({spec({"a"}), spec({"b"}), spec({"c"})});
  stop();
  time.advance(1s);
  BOOST_TEST(log == (diary{"a+", "b+", "c+", "c-", "b-", "a-"}), boost::test_tools::per_element());
  BOOST_TEST(ended == std::vector<bool>{true}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(one_that_ignores_stop_is_left_behind_at_its_deadline) {
  start({spec({"a"}), spec({"deaf", nullptr, 0, true})});
  stop();
  time.advance(400ms);
  BOOST_TEST(count(log, "a-") == 0U);
  time.advance(200ms);
  BOOST_TEST(count(log, "a-") == 1U);
  BOOST_TEST(ended.size() == 1U);
}

BOOST_AUTO_TEST_CASE(many_that_ignore_stop_share_one_deadline) {
  std::vector<child_spec> specs;
  for (int i = 0; i < 40; ++i)
    specs.push_back(spec({"deaf" + std::to_string(i), nullptr, 0, true}));
  start(std::move(specs));
  stop();
  time.advance(4600ms);
  BOOST_TEST(ended.size() == 1U);
}

BOOST_AUTO_TEST_CASE(neighbours_of_a_stage_stop_together) {
  auto first = spec({"x", nullptr, 0, true});
  auto second = spec({"y", nullptr, 0, true});
  first.stop_stage = second.stop_stage = "both";
  start({first, second});
  stop();
  time.run();
  BOOST_TEST(count(log, "x-") == 1U);
  BOOST_TEST(count(log, "y-") == 1U);
}

BOOST_AUTO_TEST_CASE(who_fails_is_restarted_and_the_others_are_left_alone) {
  start({spec({"a"}), spec({"b", nullptr, 1}), spec({"c"})});
  time.advance(250ms);
  BOOST_TEST(count(log, "b!") == 1U);
  BOOST_TEST(count(log, "b+") == 2U);
  BOOST_TEST(count(log, "a+") == 1U);
  BOOST_TEST(count(log, "c+") == 1U);
}

BOOST_AUTO_TEST_CASE(rest_for_one_restarts_those_after_it_in_its_group) {
  auto stranger = spec({"stranger"});
  stranger.group = "other";
  strategy = group_strategy::rest_for_one;
  start({spec({"a"}), spec({"b", nullptr, 1}), spec({"c"}), spec({"d"}), stranger});
  time.advance(250ms);
  BOOST_TEST(count(log, "a+") == 1U);
  BOOST_TEST(count(log, "b+") == 2U);
  BOOST_TEST(count(log, "c+") == 2U);
  BOOST_TEST(count(log, "d+") == 2U);
  BOOST_TEST(count(log, "stranger+") == 1U);
}

// b fails four times, so its group starts anew; when that has happened four times, the agent ends.
BOOST_AUTO_TEST_CASE(too_many_failures_escalate_to_the_group_and_at_last_to_the_agent) {
  start({spec({"a"}), spec({"b", nullptr, 1})});
  time.advance(10s);
  BOOST_TEST(count(log, "a+") > 1U);
  BOOST_TEST(ended.empty());
  time.advance(10min, 100ms);
  BOOST_TEST(ended == std::vector<bool>{false}, boost::test_tools::per_element());
  // Four rounds of the group, of four failures each.
  BOOST_TEST(count(log, "b!") == 16U);
  BOOST_TEST(count(log, "a+") == 4U);
}

BOOST_AUTO_TEST_CASE(a_quarantined_child_rests_and_is_tried_again) {
  auto sick = spec({"b", nullptr, 1});
  sick.when_exhausted = exhausted::quarantine;
  start({spec({"a"}), sick});
  time.advance(20s);
  BOOST_TEST(count(log, "b!") == 4U);
  BOOST_TEST(ended.empty());
  time.advance(5min, 100ms);
  BOOST_TEST(count(log, "b!") > 4U);
  BOOST_TEST(count(log, "a+") == 1U);
}

BOOST_AUTO_TEST_CASE(a_factory_that_throws_counts_as_a_failure) {
  unstartable = "b";
  start({spec({"a"}), spec({"b"})});
  BOOST_TEST(count(log, "b+") == 0U);
  unstartable.clear();
  time.advance(500ms);
  BOOST_TEST(count(log, "b+") == 1U);
}

BOOST_AUTO_TEST_CASE(a_failure_carries_its_text_and_the_message_that_did_it) {
  start({spec({"b", nullptr, 1})});
  time.advance(200ms);
  const auto status = status_of("b");
  BOOST_REQUIRE(status.last_failure.has_value());
  BOOST_TEST(status.last_failure->text == "as the test wants");
  BOOST_TEST(status.last_failure->message == "tick 1");
  BOOST_TEST(status.restarts == 1U);
  BOOST_TEST((status.state == actor_state::running));
}

BOOST_AUTO_TEST_CASE(a_message_that_ends_its_actor_every_time_is_told_to_its_next_life) {
  start({spec({"b", nullptr, 1000})});
  tick poisonous;
  poisonous.number = 1000;
  for (int life = 0; life < 3; ++life) {
    BOOST_TEST(poisons.empty());
    caf::anon_send(newest, poisonous);
    time.advance(500ms);
  }
  BOOST_REQUIRE(poisons.size() == 1U);
  BOOST_TEST(poisons.front().message == "tick 1000");
  BOOST_TEST(poisons.front().why == "as the test wants");
  BOOST_TEST(status_of("b").set_aside == 1U);
}

BOOST_AUTO_TEST_CASE(heartbeats_are_answered) {
  start({spec({"a"})});
  time.advance(25s, 100ms);
  BOOST_TEST(status_of("a").heartbeat.has_value());
  BOOST_TEST(status_of("a").mailbox.value_or(99) == 0U);
  BOOST_TEST(count(log, "a+") == 1U);
}

BOOST_AUTO_TEST_CASE(who_answers_no_heartbeat_is_let_go_and_replaced) {
  start({spec({"a"}), spec({"hung", nullptr, 0, false, true})});
  time.advance(25s, 100ms);
  BOOST_TEST(count(log, "hung+") == 2U);
  BOOST_TEST(count(log, "a+") == 1U);
  BOOST_REQUIRE(status_of("hung").last_failure.has_value());
  BOOST_TEST(status_of("hung").last_failure->text == "it has not answered for 10 s and is let go");
  BOOST_TEST(ended.empty());
}

BOOST_AUTO_TEST_CASE(one_that_is_not_to_be_replaced_is_only_said_to_hang) {
  auto patient = spec({"spool", nullptr, 0, false, true});
  patient.replace_when_hung = false;
  start({patient});
  time.advance(60s, 100ms);
  BOOST_TEST(count(log, "spool+") == 1U);
  BOOST_TEST((status_of("spool").state == actor_state::hung));
}

BOOST_AUTO_TEST_CASE(a_reload_changes_those_that_differ_and_no_others) {
  start({spec({"a"}), spec({"b"}), spec({"gone"})});
  time.advance(300ms);
  auto other = spec({"b"});
  other.configured = "otherwise";
  reload_with({spec({"a"}), other, spec({"new"})});
  time.advance(100ms);
  BOOST_TEST(log == (diary{"a+", "b+", "gone+", "gone-", "b-", "new+", "b+"}),
             boost::test_tools::per_element());
  BOOST_TEST(status_of("gone").name.empty());
  BOOST_TEST(board.snapshot({}, {}).supervision.reloads == 1U);
  // All of them are supervised as before.
  stop();
  time.advance(1s);
  BOOST_TEST(count(log, "new-") == 1U);
  BOOST_TEST(count(log, "b-") == 2U);
  BOOST_TEST(ended == std::vector<bool>{true}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_reload_forgets_the_queues_of_commands_that_it_takes_away) {
  queues = {"kept", "gone"};
  start({spec({"a"})});
  for (const auto& each : queues) {
    command_queue_status said;
    said.name = each;
    board.publish(said);
  }
  queues = {"kept", "new"};
  reload_with({spec({"a"})});
  const auto shown = [&] { return board.snapshot({}, {}).command_queues; };
  BOOST_REQUIRE(shown().size() == 1U);
  BOOST_TEST(shown()[0].said.name == "kept");
  queues.clear();
  reload_with({spec({"a"})});
  BOOST_TEST(shown().empty());
}

BOOST_AUTO_TEST_CASE(a_child_that_can_be_told_is_told) {
  start({spec({"a"})});
  int told = 0;
  auto other = spec({"a"});
  other.configured = "otherwise";
  other.reconfigure = [&](const child_actor&) { ++told; };
  reload_with({other});
  BOOST_TEST(told == 1);
  BOOST_TEST(log == diary{"a+"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(in_a_chain_those_behind_a_replaced_child_are_replaced_too) {
  strategy = group_strategy::rest_for_one;
  start({spec({"a"}), spec({"b"}), spec({"c"})});
  auto other = spec({"b"});
  other.configured = "otherwise";
  reload_with({spec({"a"}), other, spec({"c"})});
  time.advance(100ms);
  BOOST_TEST(log == (diary{"a+", "b+", "c+", "c-", "b-", "b+", "c+"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(one_that_does_not_leave_is_replaced_at_its_deadline) {
  start({spec({"deaf", nullptr, 0, true})});
  auto other = spec({"deaf", nullptr, 0, true});
  other.configured = "otherwise";
  reload_with({other});
  BOOST_TEST(count(log, "deaf+") == 1U);
  time.advance(600ms);
  BOOST_TEST(count(log, "deaf+") == 2U);
}

BOOST_AUTO_TEST_CASE(permits_keep_the_budget) {
  start({});
  caf::scoped_actor self{time.system()};
  const auto wait_ms = [&](permit_request asked) {
    std::int64_t wait = -1;
    auto pending = self->request(supervisor, caf::infinite, std::move(asked));
    time.run();
    pending.receive([&](std::chrono::nanoseconds given) { wait = given.count() / 1'000'000; },
                    [](caf::error&) {});
    return wait;
  };
  for (const std::int64_t expected : {0, 0, 100, 200})
    BOOST_TEST(wait_ms({budget::request}) == expected);
  // An endpoint's own limits come on top.
  BOOST_TEST(wait_ms({budget::request, "slow", 30, 1}) == 2000);
  BOOST_TEST(wait_ms({budget::request, "other", 30, 1}) == 400);
}

BOOST_AUTO_TEST_CASE(a_request_past_the_concurrent_ones_waits_for_the_end_of_another) {
  limits.concurrent_requests = 1;
  start({});
  caf::scoped_actor first{time.system()}, second{time.system()};
  auto granted = first->request(supervisor, caf::infinite, permit_request{budget::request});
  auto waiting = second->request(supervisor, caf::infinite, permit_request{budget::request});
  time.run();
  granted.receive([](std::chrono::nanoseconds) {}, [](caf::error&) {});
  BOOST_TEST(!second->has_next_message());
  first->send(supervisor, permit_return{});
  time.run();
  BOOST_TEST(second->has_next_message());
  waiting.receive([](std::chrono::nanoseconds) {}, [](caf::error&) {});
}

BOOST_AUTO_TEST_CASE(a_place_whose_asker_says_nothing_more_is_free_when_its_request_must_be_over) {
  limits.concurrent_requests = 1;
  start({});
  caf::scoped_actor first{time.system()}, second{time.system()};
  permit_request asked{budget::request};
  asked.longest = 2s;
  auto granted = first->request(supervisor, caf::infinite, asked);
  auto waiting = second->request(supervisor, caf::infinite, asked);
  time.advance(2900ms);
  granted.receive([](std::chrono::nanoseconds) {}, [](caf::error&) {});
  BOOST_TEST(!second->has_next_message());
  time.advance(200ms);
  BOOST_TEST(second->has_next_message());
  waiting.receive([](std::chrono::nanoseconds) {}, [](caf::error&) {});
}

BOOST_AUTO_TEST_CASE(past_the_hard_memory_limit_it_stops_in_order_and_not_as_asked) {
  limits.max_memory_hard = 1000;
  usage.resident_bytes = 1000;
  start({spec({"a"})});
  time.advance(3s);
  BOOST_TEST(ended.empty());
  usage.resident_bytes = 1001;
  time.advance(500ms);  // one tick: a peak may pass
  BOOST_TEST(ended.empty());
  time.advance(1s);
  BOOST_TEST(count(log, "a-") == 1U);
  BOOST_TEST(ended == std::vector<bool>{false}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
