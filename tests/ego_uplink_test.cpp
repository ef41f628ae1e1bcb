#include "actors/deliver/ego_uplink.hpp"

#include "actors/deliver/memory_spool.hpp"
#include "tests/scripted_http_client.hpp"
#include "tests/virtual_time.hpp"

#include <set>
#include <string>

#include <boost/test/unit_test.hpp>
#include <caf/actor_cast.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>

using namespace reflector;
using namespace std::chrono_literals;

namespace {

record numbered(std::uint64_t sequence) {
  return {sequence, std::make_shared<const std::string>("{\"n\":" + std::to_string(sequence) + "}"),
          nullptr};
}

/// A supervisor whose permits cost nothing.
supervisor_actor::behavior_type free_permits(supervisor_actor::pointer) {
  return {[](stop_atom) {}, [](const permit_request&) { return std::chrono::nanoseconds{0}; }};
}

struct uplink_at_work {
  uplink_at_work() {
    record_queue queue{1'000'000};
    queue.add_endpoint("ego", 0);
    spool = spawn_memory_spool(time.system(), std::move(queue),
                               {[](std::uint64_t) { return result<void>{}; },
                                [this](const record_queue& q) {
                                  waiting_at_end = q.records().size();
                                  return result<void>{};
                                }},
                               false);
    supervisor = time.system().spawn(free_permits);
    ego_uplink_settings settings;
    settings.endpoint.name = "ego";
    settings.endpoint.url = "http://receiver/batch";
    settings.endpoint.max_batch_samples = 10;
    settings.endpoint.retry = {1s, 30s};
    settings.agent_id = "id";
    settings.headers = {"Authorization: Bearer secret"};
    settings.wall_now = [] { return wall_time{}; };
    uplink = spawn_ego_uplink(time.system(), settings, spool, http, supervisor);
  }

  ~uplink_at_work() {
    caf::anon_send_exit(uplink, caf::exit_reason::kill);
    caf::anon_send_exit(spool, caf::exit_reason::kill);
    caf::anon_send_exit(supervisor, caf::exit_reason::kill);
    time.run();
  }

  void commit_records(std::uint64_t from, std::uint64_t to) {
    commit group;
    for (auto i = from; i <= to; ++i) group.records.push_back(numbered(i));
    caf::anon_send(spool, std::move(group));
    time.run();
  }

  std::vector<std::string> bodies() const {
    std::vector<std::string> out;
    for (const auto& r : http.requests) out.push_back(*r.body);
    return out;
  }

  bool ended() {
    return caf::actor_cast<caf::abstract_actor*>(uplink)->getf(
        caf::abstract_actor::is_terminated_flag);
  }

  virtual_time time;
  scripted_http_client http;
  spool_actor spool;
  supervisor_actor supervisor;
  uplink_actor uplink;
  std::size_t waiting_at_end = 0;
};

const std::string first_alone = R"({"samples":[{"n":1}]})";

}  // namespace

BOOST_FIXTURE_TEST_SUITE(ego_uplink, uplink_at_work)

BOOST_AUTO_TEST_CASE(the_first_contact_is_one_sample_then_batches_oldest_first) {
  http.script = [](const http_request&) { return status(202, R"({"accepted":1})"); };
  commit_records(1, 4);
  time.advance(1s);
  BOOST_TEST(bodies() == (std::vector<std::string>{first_alone,
                                                   R"({"samples":[{"n":2},{"n":3},{"n":4}]})"}),
             boost::test_tools::per_element());
  commit_records(5, 5);
  BOOST_TEST(http.requests.size() == 3U);
}

BOOST_AUTO_TEST_CASE(each_request_says_who_and_which) {
  http.script = [](const http_request&) { return status(202); };
  commit_records(1, 1);
  const auto& headers = http.requests.at(0).headers;
  const std::set<std::string> all{headers.begin(), headers.end()};
  BOOST_TEST(all.count("Authorization: Bearer secret") == 1U);
  BOOST_TEST(all.count("Content-Type: application/json") == 1U);
  BOOST_TEST(all.count("Idempotency-Key: id:1-1") == 1U);
  BOOST_TEST((http.requests.at(0).method == http_request::verb::post));
}

BOOST_AUTO_TEST_CASE(only_one_request_is_open_at_a_time) {
  commit_records(1, 1);
  commit_records(2, 50);
  time.advance(60s);
  BOOST_TEST(http.requests.size() == 1U);
  http.answer(status(202));
  time.run();
  BOOST_TEST(http.requests.size() == 2U);
}

BOOST_AUTO_TEST_CASE(an_outage_is_waited_out_with_the_same_bytes_and_key) {
  http.script = [](const http_request&) { return unreachable(); };
  commit_records(1, 3);
  time.advance(120s, 100ms);
  const auto attempts = http.requests.size();
  BOOST_TEST(attempts >= 5U);
  BOOST_TEST(attempts <= 200U);
  for (const auto& r : http.requests) {
    BOOST_TEST(*r.body == first_alone);
    BOOST_TEST((r.headers == http.requests.front().headers));
  }
  http.script = [](const http_request&) { return status(202); };
  time.advance(31s, 100ms);
  BOOST_TEST(bodies().back() == R"({"samples":[{"n":2},{"n":3}]})");
}

BOOST_AUTO_TEST_CASE(retry_after_is_kept) {
  http.script = [](const http_request&) { return status(503, "", "60"); };
  commit_records(1, 1);
  time.advance(59s, 100ms);
  BOOST_TEST(http.requests.size() == 1U);
  time.advance(2s, 100ms);
  BOOST_TEST(http.requests.size() == 2U);
}

BOOST_AUTO_TEST_CASE(a_500_for_many_is_tried_with_one) {
  // EGO's answer to two samples of a host that it doesn't know, also after it lost its database.
  http.script = [](const http_request& r) {
    return r.body->find("},{") == std::string::npos ? status(202) : status(500);
  };
  commit_records(1, 1);
  commit_records(2, 4);
  http.script = [known = false](const http_request& r) mutable {
    known = known || r.body->find("},{") == std::string::npos;
    return known ? status(202) : status(500);
  };
  time.advance(60s, 100ms);
  BOOST_TEST(bodies().back() == R"({"samples":[{"n":3},{"n":4}]})");
}

BOOST_AUTO_TEST_CASE(one_bad_sample_is_set_aside_and_the_others_arrive_in_order) {
  std::string arrived;
  http.script = [&](const http_request& r) {
    if (r.body->find("\"n\":7}") != std::string::npos) return status(400, "bad \x01 sample");
    arrived += *r.body;
    return status(202);
  };
  commit_records(1, 1);
  commit_records(2, 11);
  time.advance(10s, 100ms);
  std::size_t at = 0;
  for (int i = 1; i <= 11; ++i) {
    const auto found = arrived.find("\"n\":" + std::to_string(i) + "}", at);
    if (i == 7) {
      BOOST_TEST(arrived.find("\"n\":7}") == std::string::npos);
    } else {
      BOOST_REQUIRE(found != std::string::npos);
      at = found;
    }
  }
  BOOST_TEST(http.requests.size() <= 12U);
}

BOOST_AUTO_TEST_CASE(a_refusal_of_the_agent_itself_holds_everything_and_is_tried_slowly) {
  http.script = [](const http_request&) { return status(401); };
  commit_records(1, 20);
  time.advance(600s, 100ms);
  BOOST_TEST(http.requests.size() >= 3U);
  BOOST_TEST(http.requests.size() <= 60U);
  for (const auto& body : bodies()) BOOST_TEST(body == first_alone);
}

BOOST_AUTO_TEST_CASE(rubbish_behind_a_202_is_an_acknowledgement_all_the_same) {
  http.script = [](const http_request&) { return status(202, "<html>"); };
  commit_records(1, 2);
  time.advance(1s);
  BOOST_TEST(http.requests.size() == 2U);
}

BOOST_AUTO_TEST_CASE(stop_ends_an_idle_uplink_at_once) {
  caf::anon_send(uplink, stop_atom{});
  time.run();
  BOOST_TEST(ended());
}

BOOST_AUTO_TEST_CASE(stop_lets_what_is_on_its_way_arrive_and_the_rest_follow) {
  commit_records(1, 1);
  commit_records(2, 15);
  caf::anon_send(uplink, stop_atom{});
  time.run();
  BOOST_TEST(!ended());
  http.script = [](const http_request&) { return status(202); };
  http.answer(status(202));
  time.advance(1s);
  BOOST_TEST(http.requests.size() == 3U);
  BOOST_TEST(ended());
}

BOOST_AUTO_TEST_CASE(stop_during_an_outage_keeps_what_waits) {
  http.script = [](const http_request&) { return unreachable(); };
  commit_records(1, 5);
  caf::anon_send(uplink, stop_atom{});
  time.run();
  BOOST_TEST(ended());
  caf::anon_send(spool, stop_atom{});
  time.run();
  BOOST_TEST(waiting_at_end == 5U);
}

BOOST_AUTO_TEST_SUITE_END()
