#include "actors/deliver/batcher.hpp"

#include "tests/virtual_time.hpp"

#include <memory>
#include <vector>

#include <boost/test/unit_test.hpp>
#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>
#include <simdjson.h>

using namespace reflector;
using namespace std::chrono_literals;

namespace {

/// A spool that answers when the test says so.
struct slow_spool_state {
  std::vector<commit> commits;
  std::uint64_t last = 41;
  std::vector<lost_range> lost;
  bool slow = false;
  std::vector<caf::typed_response_promise<commit_receipt>> open;
};

class slow_spool final : public spool_actor::base {
 public:
  slow_spool(caf::actor_config& config, std::shared_ptr<slow_spool_state> state)
      : spool_actor::base(config), state_(std::move(state)) {}

  behavior_type make_behavior() override {
    return {
        [](stop_atom) {},
        [this](const commit& group) {
          state_->commits.push_back(group);
          state_->last = group.records.back().sequence;
          auto promise = make_response_promise<caf::typed_response_promise<commit_receipt>>();
          if (state_->slow)
            state_->open.push_back(promise);
          else
            promise.deliver(commit_receipt{state_->last, state_->lost});
          return promise;
        },
        [this](last_atom) {
          return commit_receipt{state_->last, state_->lost};
        },
        // The tests' way to let it answer: a promise can be kept only from within its actor.
        [this](const next_records&) {
          for (auto& promise : state_->open)
            promise.deliver(commit_receipt{state_->last, state_->lost});
          state_->open.clear();
          return record_slice{};
        },
        [](const dead_letter&) { return dead_letter_receipt{}; },
        [](const configuration_ptr&) {},
    };
  }

 private:
  std::shared_ptr<slow_spool_state> state_;
};

struct batcher_at_work {
  batcher_at_work() {
    for (auto& each : config.collectors.each) each.enabled = false;
    for (const auto id : {collector_id::cpu, collector_id::load})
      config.collectors.of(id).enabled = true;
    config.agent.hostname = "h";
    spool = time.system().spawn<slow_spool>(state);
    batcher = spawn_batcher(time.system(), config, {"id", "boot"}, spool, console_actor{});
    time.run();
  }

  ~batcher_at_work() {
    answer();
    caf::anon_send_exit(batcher, caf::exit_reason::kill);
    caf::anon_send_exit(spool, caf::exit_reason::kill);
    time.advance(1s);
  }

  void beat(std::uint64_t number) {
    tick now;
    now.number = number;
    now.deadline = time.now() + 800ms;
    caf::anon_send(batcher, now);
    time.run();
  }

  void say(std::uint64_t number, collector_id from) {
    reading r = from == collector_id::cpu ? reading{cpu_reading{5.0, {}, {}, {}}}
                                          : reading{load_reading{1, 2, 3}};
    caf::anon_send(batcher,
                   measured{number, from, std::make_shared<const result<reading>>(std::move(r))});
    time.run();
  }

  void answer() {
    caf::anon_send(spool, next_records{});
    time.run();
  }

  void whole(std::uint64_t number) {
    beat(number);
    say(number, collector_id::cpu);
    say(number, collector_id::load);
  }

  simdjson::dom::element json(const record& r) { return parser.parse(*r.json); }

  configuration config;
  std::shared_ptr<slow_spool_state> state = std::make_shared<slow_spool_state>();
  simdjson::dom::parser parser;
  virtual_time time;
  spool_actor spool;
  batcher_actor batcher;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(batching, batcher_at_work)

BOOST_AUTO_TEST_CASE(numbers_go_on_where_the_spool_is) {
  whole(1);
  whole(2);
  BOOST_REQUIRE(state->commits.size() == 2U);
  BOOST_TEST(state->commits[0].records[0].sequence == 42U);
  const record& second = state->commits[1].records[0];
  BOOST_TEST(second.sequence == 43U);
  BOOST_TEST(std::uint64_t{json(second)["agent"]["sequence"]} == 43U);
  BOOST_TEST(std::string_view{json(second)["agent"]["id"]} == "id");
}

BOOST_AUTO_TEST_CASE(nothing_is_committed_before_the_sample_is_whole_or_the_deadline) {
  beat(1);
  say(1, collector_id::cpu);
  time.advance(790ms);
  BOOST_TEST(state->commits.empty());
  time.advance(20ms);
  BOOST_REQUIRE(state->commits.size() == 1U);
  BOOST_TEST(std::string_view{json(state->commits[0].records[0])["agent"]["late"].at(0)} == "load");
}

BOOST_AUTO_TEST_CASE(with_a_near_next_tick_only_a_collector_that_was_late_before_costs_a_timer) {
  config.agent.interval = 1s;
  caf::anon_send_exit(batcher, caf::exit_reason::kill);
  batcher = spawn_batcher(time.system(), config, {"id", "boot"}, spool, console_actor{});
  beat(1);
  time.advance(1s);
  BOOST_TEST(state->commits.empty());
  beat(2);  // closes the first
  BOOST_TEST(state->commits.size() == 1U);
  time.advance(810ms);
  BOOST_TEST(state->commits.size() == 2U);
}

BOOST_AUTO_TEST_CASE(what_comes_together_while_the_spool_works_is_one_group) {
  state->slow = true;
  for (std::uint64_t n = 1; n <= 4; ++n) whole(n);
  BOOST_REQUIRE(state->commits.size() == 1U);
  state->slow = false;
  answer();
  BOOST_REQUIRE(state->commits.size() == 2U);
  BOOST_TEST(state->commits[1].records.size() == 3U);
  BOOST_TEST(state->commits[1].records[2].sequence == 45U);
}

BOOST_AUTO_TEST_CASE(a_spool_that_never_answers_costs_samples_not_memory) {
  state->slow = true;
  for (std::uint64_t n = 1; n <= max_pending + 100; ++n) whole(n);
  state->slow = false;
  answer();
  BOOST_REQUIRE(state->commits.size() == 2U);
  BOOST_TEST(state->commits[1].records.size() == max_pending);
  whole(max_pending + 101);
  const record& next = state->commits[2].records[0];
  BOOST_TEST(next.sequence == 43U + max_pending);  // no gap: the dropped had no number
  BOOST_TEST(std::uint64_t{json(next)["agent"]["dropped"]} == 99U);
}

BOOST_AUTO_TEST_CASE(samples_that_follow_each_other_closely_share_a_commit) {
  config.agent.interval = 100ms;
  caf::anon_send_exit(batcher, caf::exit_reason::kill);
  batcher = spawn_batcher(time.system(), config, {"id", "boot"}, spool, console_actor{});
  time.run();
  whole(1);
  time.advance(100ms);
  whole(2);
  BOOST_TEST(state->commits.empty());
  time.advance(110ms);
  BOOST_REQUIRE(state->commits.size() == 1U);
  BOOST_TEST(state->commits[0].records.size() == 2U);
}

BOOST_AUTO_TEST_CASE(losses_are_declared_in_the_next_sample) {
  state->lost = {{3, 7, "the spool was full"}};
  whole(1);
  whole(2);
  const record& second = state->commits[1].records[0];
  BOOST_REQUIRE(second.declares);
  BOOST_TEST((*second.declares == state->lost));
  BOOST_TEST(std::uint64_t{json(second)["agent"]["lost"].at(0)["from"]} == 3U);
}

BOOST_AUTO_TEST_CASE(stop_commits_what_is_joined_and_waits_for_the_receipt) {
  state->slow = true;
  whole(1);
  whole(2);
  caf::anon_send(batcher, stop_atom{});
  time.run();
  BOOST_TEST(state->commits.size() == 1U);
  state->slow = false;
  answer();
  BOOST_TEST(state->commits.size() == 2U);
}

BOOST_AUTO_TEST_SUITE_END()
