#include "actors/agent.hpp"

#include "actors/deliver/durable_spool.hpp"
#include "tests/fake_launcher.hpp"
#include "tests/memory_journal.hpp"
#include "tests/scripted_http_client.hpp"
#include "tests/temporary_folder.hpp"
#include "tests/virtual_time.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <malloc.h>
#include <map>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>
#include <caf/send.hpp>
#include <simdjson.h>

#ifdef __SANITIZE_ADDRESS__
// g++ brings the function (compiler-rt's allocator_interface.h) without its header.
extern "C" std::size_t __sanitizer_get_current_allocated_bytes();
#endif

using namespace reflector;
using namespace std::chrono_literals;

namespace {

std::size_t allocated_bytes() {
#ifdef __SANITIZE_ADDRESS__
  return __sanitizer_get_current_allocated_bytes();
#else
  return ::mallinfo2().uordblks;
#endif
}

/// The whole agent, as agent.cpp wires it, on a captured host, in virtual time.
struct agent_at_work {
  agent_at_work() {
    config.agent.hostname = "h";
    config.agent.interval = 1s;
    endpoint_config ego;
    ego.name = "ego";
    ego.url = "http://receiver/api/metrics/batch";
    config.endpoints = {ego};
    commands_config queue;
    queue.url = "http://receiver/api/commands";
    queue.policy = command_policy::any;
    config.commands = {queue};
    http.script = [this](const http_request& request) { return receive(request); };
  }

  void start() {
    agent = whole.start(config, *read_access(config),
                        [this](bool how) { ended = how ? "in order" : "failed"; });
  }

  ~agent_at_work() {
    caf::anon_send(agent, stop_atom{});
    time.advance(6s);
  }

  /// A receiver that takes everything, and has no commands.
  http_response receive(const http_request& request) {
    if (request.method == http_request::verb::get) return status(200, "[]");
    const simdjson::dom::array samples = parser.parse(*request.body)["samples"];
    for (const auto& one : samples) {
      ++received[std::uint64_t{one["agent"]["sequence"]}];
      if (const auto lost = one["agent"]["lost"]; !lost.error()) note_lost(lost);
      if (const auto less = one["agent"]["degraded"]; !less.error()) {
        ++degraded_samples;
        BOOST_TEST(std::string_view{less["reason"]} == "backlog");
        BOOST_TEST((one["top_processes"].error() != simdjson::SUCCESS));
      }
    }
    if (!remember_requests) http.requests.clear();
    return status(202, "{\"accepted\":" + std::to_string(samples.size()) + "}");
  }

  void note_lost(const simdjson::dom::array& ranges) {
    for (const auto& range : ranges)
      for (std::uint64_t n = range["from"]; n <= std::uint64_t{range["to"]}; ++n) {
        if (std::find(declared_lost.begin(), declared_lost.end(), n) == declared_lost.end())
          declared_lost.push_back(n);
      }
  }

  /// How much more is allocated after so many ticks than before them.
  std::ptrdiff_t growth_over(int ticks) {
    const auto before = static_cast<std::ptrdiff_t>(allocated_bytes());
    time.advance(ticks * 1s, 100ms);
    received.clear();
    return static_cast<std::ptrdiff_t>(allocated_bytes()) - before;
  }

  spool_settings spool_of_agent() {
    spool_settings settings;
    settings.state_dir = folder.path();
    settings.identity = {"id", "boot"};
    settings.limits = config.spool;
    settings.limits.durability = durability::process_crash;
    settings.endpoints = {{"ego", backfill::all}};
    settings.uptime = [this] {
      return std::chrono::duration_cast<std::chrono::milliseconds>(time.now().time_since_epoch());
    };
    settings.wall_now = outside.wall_now;
    return settings;
  }

  configuration config;
  std::unique_ptr<host_files> files =
      make_host_files(std::string{std::getenv("REFLECTOR_SOURCE_DIR")} + "/tests/fixtures/laptop");
  simdjson::dom::parser parser;
  std::map<std::uint64_t, int> received;  ///< how often, by sequence number
  std::size_t degraded_samples = 0;
  std::vector<std::uint64_t> declared_lost;
  bool remember_requests = false;
  std::chrono::hours wall_jump{24 * 365 * 50};  ///< how far the wall clock is from the other one
  std::string ended;
  virtual_time time;
  scripted_http_client http;
  fake_launcher launcher;
  journal_memory journal;
  temporary_folder folder;
  world outside{*files,
                http,
                launcher,
                [this] { return wall_time{} + time.now().time_since_epoch() + wall_jump; },
                [this](const configuration&) { return open_durable_spool(spool_of_agent()); },
                1,
                false,
                -1,
                nullptr,
                {},
                {},
                [this]() -> result<std::unique_ptr<command_journal>> {
                  return std::make_unique<memory_journal>(journal);
                },
                [this] { return std::make_unique<memory_audit_log>(journal); }};
  reflector::agent whole{time.system(), {"id", "boot"}, outside};
  supervisor_actor agent;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(whole_agent, agent_at_work)

BOOST_AUTO_TEST_CASE(every_tick_becomes_a_sample_that_arrives_once) {
  start();
  time.advance(60s);
  BOOST_TEST(received.size() >= 60U);
  BOOST_TEST(received.size() <= 61U);
  for (const auto& [sequence, times] : received) BOOST_TEST(times == 1);
  BOOST_TEST(received.begin()->first == 1U);
  BOOST_TEST(received.rbegin()->first == received.size());
}

BOOST_AUTO_TEST_CASE(it_ends_in_order_when_told_to) {
  start();
  time.advance(5s);
  caf::anon_send(agent, stop_atom{});
  time.advance(100ms);
  BOOST_TEST(ended == "in order");
}

BOOST_AUTO_TEST_CASE(an_outage_costs_nothing_but_time) {
  start();
  time.advance(10s);
  http.script = [](const http_request&) { return unreachable(); };
  time.advance(600s, 100ms);
  http.script = [this](const http_request& request) { return receive(request); };
  time.advance(60s, 100ms);
  BOOST_TEST(received.size() >= 665U);
  for (const auto& [sequence, times] : received) BOOST_TEST(times == 1);
  BOOST_TEST(received.rbegin()->first == received.size());
}

BOOST_AUTO_TEST_CASE(what_an_outage_costs_when_the_spool_is_small_is_declared_to_the_last_sample) {
  config.spool.max_bytes = 1'048'576;
  config.limits.backlog_high_water = 2;  // all is measured on, so that much is lost
  start();
  time.advance(10s);
  http.script = [](const http_request&) { return unreachable(); };
  time.advance(600s, 100ms);
  http.script = [this](const http_request& request) { return receive(request); };
  time.advance(120s, 100ms);
  BOOST_TEST(declared_lost.size() > 100U);
  for (const auto lost : declared_lost) BOOST_TEST(received.count(lost) == 0U);
  BOOST_TEST(received.size() + declared_lost.size() == received.rbegin()->first);
}

BOOST_AUTO_TEST_CASE(a_backlog_past_the_high_water_mark_is_met_by_measuring_less_and_said) {
  config.spool.max_bytes = 1'048'576;
  start();
  time.advance(10s);
  http.script = [](const http_request&) { return unreachable(); };
  time.advance(600s, 100ms);
  http.script = [this](const http_request& request) { return receive(request); };
  time.advance(300s, 100ms);
  BOOST_TEST(degraded_samples > 100U);
  // It is over when the backlog is.
  const auto until_now = degraded_samples;
  time.advance(60s, 100ms);
  BOOST_TEST(degraded_samples == until_now);
}

BOOST_AUTO_TEST_CASE(ten_samples_a_second_are_kept_up) {
  config.agent.interval = 100ms;
  config.limits.requests_per_second = 100;
  start();
  // The last ones may still wait for the rest of their group.
  time.advance(100s + 200ms);
  BOOST_TEST(received.size() >= 999U);
  BOOST_TEST(received.size() <= 1003U);
}

BOOST_AUTO_TEST_CASE(a_wall_clock_that_jumps_disturbs_no_timer_and_loses_nothing) {
  config.spool.max_age = 24h;
  start();
  time.advance(30s);
  // During an outage, when there are waits to disturb and samples to be taken for old.
  http.script = [](const http_request&) { return unreachable(); };
  time.advance(100s, 100ms);
  for (const auto jump : {24h * 30, -24h * 60, 24h * 30}) {
    wall_jump += jump;
    const auto before = http.requests.size();
    remember_requests = true;
    time.advance(100s, 100ms);
    // At most half a minute apart, and not all at once.
    BOOST_TEST(http.requests.size() - before >= 3U);
    BOOST_TEST(http.requests.size() - before <= 60U);
  }
  http.script = [this](const http_request& request) { return receive(request); };
  time.advance(60s, 100ms);
  BOOST_TEST(declared_lost.empty());
  BOOST_TEST(received.size() >= 489U);
  BOOST_TEST(received.size() <= 492U);
  BOOST_TEST(received.rbegin()->first == received.size());
}

BOOST_AUTO_TEST_CASE(a_machine_that_slept_sends_one_sample_for_it_not_a_thousand) {
  start();
  time.advance(10s);
  const auto before = received.size();
  time.advance(2h, 2h);
  time.advance(100ms);
  BOOST_TEST(received.size() - before >= 1U);
  BOOST_TEST(received.size() - before <= 2U);
  time.advance(10s);
  BOOST_TEST(received.size() - before >= 10U);
  BOOST_TEST(received.size() - before <= 12U);
}

BOOST_AUTO_TEST_CASE(memory_does_not_grow_over_ten_thousand_cycles) {
  start();
  growth_over(1000);
  const auto grown = growth_over(10'000);
  BOOST_TEST_MESSAGE("grown by " << grown << " bytes");
  BOOST_TEST(grown < 32 * 1024);
}

BOOST_AUTO_TEST_CASE(a_leak_of_a_request_a_cycle_would_be_seen) {
  start();
  growth_over(1000);
  remember_requests = true;
  BOOST_TEST(growth_over(1000) > 32 * 1024);
}

BOOST_AUTO_TEST_SUITE_END()
