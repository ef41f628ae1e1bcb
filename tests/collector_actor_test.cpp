#include "actors/collect/collector_actor.hpp"

#include "actors/supervise/child_behavior.hpp"
#include "actors/supervise/pacer.hpp"
#include "tests/virtual_time.hpp"

#include <stdexcept>
#include <vector>

#include <boost/test/unit_test.hpp>
#include <caf/actor_cast.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>

using namespace reflector;

namespace {

/// Answers what the test says next.
class scripted_collector final : public collector {
 public:
  scripted_collector(std::vector<int>& script, std::chrono::milliseconds& wait)
      : script_(script), wait_(wait) {}

  std::chrono::milliseconds prepare(monotonic_time) override { return wait_; }

  result<reading> measure(monotonic_time) override {
    const int next = script_.front();
    script_.erase(script_.begin());
    if (next < 0) throw std::runtime_error("a bug in the collector");
    if (next == 0) return failure(fault_code::missing, "proc/loadavg is missing");
    return load_reading{static_cast<double>(next), 0, 0};
  }

 private:
  std::vector<int>& script_;
  std::chrono::milliseconds& wait_;
};

struct collector_at_work {
  collector_at_work() {
    batcher = time.system().spawn([this](batcher_actor::pointer) -> batcher_actor::behavior_type {
      return {[](stop_atom) {}, [](const tick&) {},
              [this](const measured& said) { heard.push_back(said); },
              [](const configuration_ptr&) {}};
    });
    collector = spawn_collector(time.system(), collector_id::load,
                                std::make_unique<scripted_collector>(script, wait), batcher);
  }

  ~collector_at_work() {
    caf::anon_send_exit(collector, caf::exit_reason::kill);
    caf::anon_send_exit(batcher, caf::exit_reason::kill);
    time.run();
  }

  void beat(std::uint64_t number) {
    tick now;
    now.number = number;
    caf::anon_send(collector, now);
    time.run();
  }

  virtual_time time;
  std::vector<int> script;
  std::chrono::milliseconds wait{0};
  std::vector<measured> heard;
  batcher_actor batcher;
  collector_actor collector;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(collector_shell, collector_at_work)

BOOST_AUTO_TEST_CASE(the_baseline_is_measured_but_not_told) {
  script = {1, 2};
  beat(0);
  BOOST_TEST(heard.empty());
  BOOST_TEST(script.size() == 1U);
  beat(1);
  BOOST_REQUIRE(heard.size() == 1U);
  BOOST_TEST(heard[0].tick == 1U);
  BOOST_TEST((heard[0].from == collector_id::load));
  BOOST_TEST(std::get<load_reading>(**heard[0].outcome).one == 2);
}

BOOST_AUTO_TEST_CASE(one_started_between_ticks_takes_its_baseline_first) {
  script = {1, 2};
  beat(7);
  BOOST_TEST(heard.empty());
  time.advance(tick_schedule::baseline);
  BOOST_REQUIRE(heard.size() == 1U);
  BOOST_TEST(heard[0].tick == 7U);
  BOOST_TEST(std::get<load_reading>(**heard[0].outcome).one == 2);
}

BOOST_AUTO_TEST_CASE(one_that_asks_others_is_measured_when_they_had_time_to_answer) {
  script = {1, 2};
  wait = std::chrono::milliseconds{20};
  beat(0);
  time.advance(wait);
  beat(1);
  BOOST_TEST(heard.empty());
  BOOST_TEST(script.size() == 1U);
  time.advance(wait);
  BOOST_REQUIRE(heard.size() == 1U);
  BOOST_TEST(heard[0].tick == 1U);
}

BOOST_AUTO_TEST_CASE(a_fault_is_told_and_the_collector_goes_on) {
  script = {1, 0, 3};
  beat(0);
  beat(1);
  beat(2);
  BOOST_REQUIRE(heard.size() == 2U);
  BOOST_TEST(!heard[0].outcome->has_value());
  BOOST_TEST(heard[1].outcome->has_value());
}

BOOST_AUTO_TEST_CASE(a_bug_ends_the_actor_with_the_exceptions_text) {
  caf::scoped_actor self{time.system()};
  self->monitor(collector);
  script = {-1};
  beat(0);
  std::string why;
  self->receive([&](const caf::down_msg& down) { why = report_of(down.reason).text; });
  BOOST_TEST(why == "a bug in the collector");
}

BOOST_AUTO_TEST_SUITE_END()
