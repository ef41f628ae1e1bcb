#include "actors/supervise/supervisor.hpp"

#include "actors/supervise/fault_text.hpp"
#include "tests/virtual_time.hpp"

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
};

class test_child final : public ticked_actor::base {
 public:
  test_child(caf::actor_config& config, child_script script)
      : ticked_actor::base(config), script_(std::move(script)) {}

  behavior_type make_behavior() override {
    keep_fault_text(*this);
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
  child_spec spec(child_script script, restart_strategy strategy = restart_strategy::one_for_one) {
    child_spec s;
    s.name = script.name;
    s.group = "all";
    s.strategy = strategy;
    s.limits = {3, 10s, 10ms, 100ms};
    script.log = &log;
    s.start = [script, this](caf::actor_system& system, const supervisor_actor&) {
      if (unstartable == script.name) throw std::runtime_error("can't start");
      const auto handle = system.spawn<test_child>(script);
      return started_child{caf::actor_cast<child_actor>(handle), handle};
    };
    return s;
  }

  void start(std::vector<child_spec> specs) {
    supervisor_settings settings;
    settings.interval = 1s;
    settings.reading_deadline = 800ms;
    settings.limits = limits;
    settings.usage = [this] { return usage; };
    settings.endpoints = {{"slow", {1, 10, 1000}}};
    settings.wall_now = [] { return wall_time{}; };
    settings.on_end = [this](bool how) { ended.push_back(how); };
    supervisor = spawn_supervisor(time.system(), std::move(specs), std::move(settings));
    time.run();
  }

  void stop() { caf::anon_send(supervisor, stop_atom{}); }

  ~supervised_children() {
    stop();
    time.advance(6s);
  }

  limits_config limits{10, 2, 60};
  own_usage usage;
  diary log;
  std::string unstartable;
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
  start({spec({"a"}), spec({"b", nullptr, 1}, restart_strategy::rest_for_one), spec({"c"}),
         stranger, spec({"d"})});
  time.advance(250ms);
  BOOST_TEST(count(log, "a+") == 1U);
  BOOST_TEST(count(log, "b+") == 2U);
  BOOST_TEST(count(log, "c+") == 2U);
  BOOST_TEST(count(log, "d+") == 2U);
  BOOST_TEST(count(log, "stranger+") == 1U);
}

BOOST_AUTO_TEST_CASE(too_many_failures_end_the_agent_in_order_and_not_as_asked) {
  start({spec({"a"}), spec({"b", nullptr, 1})});
  time.advance(10s);
  BOOST_TEST(count(log, "b!") == 4U);
  BOOST_TEST(count(log, "a-") == 1U);
  BOOST_TEST(ended == std::vector<bool>{false}, boost::test_tools::per_element());
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
