// Several endpoints on one spool and one supervisor: what befalls one is nothing to the others.

#include "actors/deliver/http_uplink.hpp"
#include "actors/supervise/supervisor.hpp"
#include "tests/fake_spool.hpp"
#include "tests/scripted_http_client.hpp"
#include "tests/virtual_time.hpp"

#include <map>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>
#include <caf/actor_cast.hpp>
#include <caf/send.hpp>

using namespace reflector;
using namespace std::chrono_literals;

namespace {

struct seen_request {
  std::chrono::milliseconds at{0};
  std::string body;

  friend bool operator==(const seen_request&, const seen_request&) = default;
};

/// By endpoint, in the order they came.
using requests_seen = std::map<std::string, std::vector<seen_request>>;

/// Ten minutes with a backlog, and a sample every second.
requests_seen deliver_to(const std::vector<std::string>& endpoints, const std::string& dead) {
  virtual_time time;
  const auto began = time.now();
  scripted_http_client http;
  fake_spool_content kept;
  std::uint64_t newest = 0;
  const auto commit_one = [&] {
    ++newest;
    return commit{
        {{newest, std::make_shared<const std::string>("{\"n\":" + std::to_string(newest) + "}"),
          nullptr}}};
  };
  for (int i = 0; i < 3000; ++i) kept.records.push_back(commit_one().records.front());
  kept.cursors = {{"near", 2990}, {"far", 0}, {"dead", 1500}};
  const auto spool = spawn_fake_spool(time.system(), kept);

  requests_seen seen;
  http.script = [&](const http_request& request) {
    seen[request.url].push_back(
        {std::chrono::duration_cast<std::chrono::milliseconds>(time.now() - began), *request.body});
    return request.url == dead ? unreachable() : status(202);
  };

  supervision_plan plan;
  supervisor_settings supervision;
  supervision.wall_now = [] { return wall_time{}; };
  for (const auto& name : endpoints) {
    http_uplink_settings settings;
    settings.name = name;
    settings.members.front().endpoint.name = name;
    settings.members.front().endpoint.url = name;
    settings.wall_now = [] { return wall_time{}; };
    settings.random_seed = std::hash<std::string>{}(name);
    supervision.endpoints.emplace(name, settings.members.front().endpoint.limits);
    child_spec spec;
    spec.name = name;
    spec.start = [=, &http](const child_start& with) {
      return started_child{spawn_http_uplink(with.system, settings, spool, http, with.supervisor),
                           {}};
    };
    plan.children.push_back(std::move(spec));
  }
  const auto supervisor = spawn_supervisor(time.system(), std::move(plan), std::move(supervision));
  for (int second = 0; second < 600; ++second) {
    time.advance(1s);
    caf::anon_send(spool, commit_one());
    time.run();
  }
  caf::anon_send(supervisor, stop_atom{});
  time.advance(5s);
  caf::anon_send_exit(spool, caf::exit_reason::kill);
  time.run();
  return seen;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_dead_endpoint_delays_no_other_by_a_millisecond) {
  const auto all = deliver_to({"near", "far", "dead"}, "dead");
  const auto without = deliver_to({"near", "far"}, "");
  for (const auto* name : {"near", "far"}) {
    BOOST_TEST(all.at(name).size() > 500U);
    BOOST_TEST((all.at(name) == without.at(name)), name);
  }
  BOOST_TEST(all.at("dead").size() > 10U);
  // The backlog of 3,000 went at 100 a second.
  const auto& far = all.at("far");
  const auto caught_up = std::find_if(far.begin(), far.end(), [](const seen_request& r) {
    return r.body.find("\"n\":3000}") != std::string::npos;
  });
  BOOST_REQUIRE(caught_up != far.end());
  BOOST_TEST((caught_up->at > 28s));
  BOOST_TEST((caught_up->at < 35s));
}

BOOST_AUTO_TEST_CASE(a_backlog_that_drains_delays_no_other_by_a_millisecond) {
  const auto all = deliver_to({"near", "far", "dead"}, "");
  const auto alone = deliver_to({"near"}, "");
  BOOST_TEST((all.at("near") == alone.at("near")));
}
