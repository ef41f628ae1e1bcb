#include "actors/deliver/http_uplink.hpp"

#include "actors/deliver/framing.hpp"
#include "tests/uplink_fixture.hpp"

#include <algorithm>
#include <set>
#include <string>

#include <boost/test/unit_test.hpp>

using namespace reflector;
using namespace std::chrono_literals;

BOOST_FIXTURE_TEST_SUITE(http_uplink, uplink_at_work)

BOOST_AUTO_TEST_CASE(the_first_contact_is_one_sample_then_batches_grow_oldest_first) {
  http.script = [](const http_request&) { return status(202, R"({"accepted":1})"); };
  start_with(10);
  time.advance(1s);
  BOOST_TEST(bodies() == (std::vector<std::string>{body_of(1, 1), body_of(2, 3), body_of(4, 7),
                                                   body_of(8, 10)}),
             boost::test_tools::per_element());
  BOOST_TEST(cursor() == 10U);
  commit_records(11, 11);
  BOOST_TEST(http.requests.size() == 5U);
}

BOOST_AUTO_TEST_CASE(each_request_says_who_which_and_what_bytes) {
  http.script = [](const http_request&) { return status(202); };
  start_with(1);
  const auto& headers = http.requests.at(0).headers;
  const std::set<std::string> all{headers.begin(), headers.end()};
  BOOST_TEST(all.count("Authorization: Bearer secret") == 1U);
  BOOST_TEST(all.count("Content-Type: application/json") == 1U);
  const std::vector<record> first{numbered(1)};
  BOOST_TEST(all.count("Idempotency-Key: " + idempotency_key("id", first, body_of(1, 1))) == 1U);
  BOOST_TEST((http.requests.at(0).method == http_request::verb::post));
}

BOOST_AUTO_TEST_CASE(a_permit_is_asked_for_each_request_and_its_wait_is_kept) {
  permit_wait = 3s;
  http.script = [n = 0](const http_request&) mutable { return status(n++ == 1 ? 503 : 202); };
  start_with(3);
  time.advance(2990ms);
  BOOST_TEST(http.requests.empty());
  time.advance(20ms);
  BOOST_TEST(http.requests.size() == 1U);
  time.advance(60s, 100ms);
  BOOST_TEST(http.requests.size() == 3U);
  BOOST_TEST(permits.size() == 3U);
  for (const auto& asked : permits) {
    BOOST_TEST((asked.of == budget::request));
    BOOST_TEST(asked.endpoint == "ego");
  }
  BOOST_TEST(permits.at(0).samples == 1U);
  BOOST_TEST(permits.at(2).samples == 2U);
  BOOST_TEST(permits.at(2).bytes == body_of(2, 3).size());
}

BOOST_AUTO_TEST_CASE(a_body_may_be_compressed_and_a_retry_has_the_same_bytes) {
  settings.members.front().endpoint.compression = compression::gzip;
  http.script = [n = 0](const http_request&) mutable { return status(n++ == 0 ? 503 : 202); };
  start_with(1);
  time.advance(2s);
  BOOST_TEST(http.requests.size() == 2U);
  const auto& first = http.requests.at(0);
  BOOST_TEST((*first.body == *http.requests.at(1).body));
  BOOST_TEST((first.headers == http.requests.at(1).headers));
  BOOST_TEST(first.body->starts_with("\x1f\x8b"));
  BOOST_TEST(std::count(first.headers.begin(), first.headers.end(), "Content-Encoding: gzip") == 1);
  BOOST_TEST(permits.at(0).bytes == body_of(1, 1).size());
}

BOOST_AUTO_TEST_CASE(only_one_request_is_open_at_a_time) {
  start_with(50);
  time.advance(60s, 100ms);
  BOOST_TEST(http.requests.size() == 1U);
  http.answer(status(202));
  time.run();
  BOOST_TEST(http.requests.size() == 2U);
}

BOOST_AUTO_TEST_CASE(the_first_request_of_each_host_comes_at_a_time_of_its_own) {
  settings.members.front().endpoint.start_spread = 10s;
  http.script = [](const http_request&) { return status(202); };
  commit_records(1, 1);
  std::set<int> when;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    settings.random_seed = seed;
    kept.cursors.clear();
    http.requests.clear();
    start();
    int waited = 0;
    for (; http.requests.empty() && waited <= 10; ++waited) time.advance(1s, 1s);
    BOOST_TEST(waited <= 10);
    when.insert(waited);
    caf::anon_send_exit(uplink, caf::exit_reason::kill);
  }
  BOOST_TEST(when.size() >= 5U);
}

BOOST_AUTO_TEST_CASE(what_was_on_its_way_when_the_agent_ended_is_one_batch_again) {
  kept.sent_before = 7;
  http.script = [](const http_request&) { return status(202); };
  start_with(9);
  BOOST_TEST(bodies() == (std::vector<std::string>{body_of(1, 7), body_of(8, 9)}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_outage_is_waited_out_with_the_same_bytes_and_key) {
  http.script = [](const http_request&) { return unreachable(); };
  start_with(3);
  time.advance(120s, 100ms);
  const auto attempts = http.requests.size();
  BOOST_TEST(attempts >= 5U);
  BOOST_TEST(attempts <= 200U);
  for (const auto& r : http.requests) {
    BOOST_TEST(*r.body == body_of(1, 1));
    BOOST_TEST((r.headers == http.requests.front().headers));
  }
  http.script = [](const http_request&) { return status(202); };
  time.advance(31s, 100ms);
  BOOST_TEST(bodies().back() == body_of(2, 3));
}

BOOST_AUTO_TEST_CASE(a_refused_sample_goes_to_the_spool_and_the_cursor_passes_it_afterwards) {
  http.script = [](const http_request& r) {
    return r.body->find("\"n\":7}") == std::string::npos ? status(202)
                                                         : status(422, "bad \x01 sample");
  };
  start_with(11);
  time.advance(10s, 100ms);
  BOOST_REQUIRE(kept.dead_letters.size() == 1U);
  const auto& letter = kept.dead_letters.front();
  BOOST_TEST(letter.endpoint == "ego");
  BOOST_TEST(letter.refused.sequence == 7U);
  BOOST_TEST(*letter.refused.json == "{\"n\":7}");
  BOOST_TEST(letter.status == 422);
  BOOST_TEST(letter.answer == "bad \x01 sample");
  BOOST_TEST(cursor() == 11U);
  BOOST_TEST(http.requests.size() <= 8U);
}

BOOST_AUTO_TEST_CASE(the_cursor_waits_for_the_dead_letters_receipt) {
  // A spool that never answers dead letters.
  const auto reached = std::make_shared<std::uint64_t>(0);
  const auto mute = time.system().spawn([reached](spool_actor::pointer self) {
    return spool_actor::behavior_type{
        [](stop_atom) {},
        [](const commit&) { return commit_receipt{}; },
        [](last_atom) { return commit_receipt{}; },
        [reached](const next_records& wanted) {
          *reached = std::max(*reached, wanted.reached);
          return record_slice{{numbered(wanted.reached + 1)}};
        },
        [self](const dead_letter&) {
          return self->make_response_promise<caf::typed_response_promise<dead_letter_receipt>>();
        },
        [](const configuration_ptr&) {}};
  });
  http.script = [](const http_request&) { return status(400); };
  uplink = spawn_http_uplink(time.system(), settings, mute, http, supervisor);
  time.advance(600s, 1s);
  BOOST_TEST(http.requests.size() == 1U);
  BOOST_TEST(*reached == 0U);
  caf::anon_send_exit(mute, caf::exit_reason::kill);
  time.run();
}

BOOST_AUTO_TEST_CASE(a_name_in_egos_refusal_is_tried_first) {
  settings.members.front().endpoint.max_batch_samples = 1000;
  http.script = [](const http_request& r) {
    const auto at = r.body->find("\"n\":1400}");
    if (at == std::string::npos) return status(202);
    const auto index = std::count(r.body->begin(), r.body->begin() + static_cast<long>(at), ',');
    return status(400, R"({"errors":[{"path":["samples",)" + std::to_string(index) + "]}]}");
  };
  start_with(2023);
  time.advance(1s);
  BOOST_TEST(cursor() == 2023U);
  BOOST_TEST(kept.dead_letters.size() == 1U);
  BOOST_TEST(http.requests.size() == 10U + 1 + 3);  // growth, the rest, and what the bad one costs
}

BOOST_AUTO_TEST_CASE(a_sample_that_gets_500s_for_ever_is_set_aside_where_the_next_one_passes) {
  http.script = [](const http_request& r) {
    return status(r.body->find("\"n\":3}") == std::string::npos ? 202 : 500, "oops");
  };
  start_with(9);
  time.advance(600s, 100ms);
  BOOST_REQUIRE(kept.dead_letters.size() == 1U);
  BOOST_TEST(kept.dead_letters.front().refused.sequence == 3U);
  BOOST_TEST(kept.dead_letters.front().status == 500);
  BOOST_TEST(cursor() == 9U);
}

BOOST_AUTO_TEST_CASE(ten_hours_of_500s_of_503s_and_of_nothing_make_no_dead_letter) {
  int code = 0;
  http.script = [&](const http_request&) { return code == 0 ? unreachable() : status(code); };
  start_with(100);
  for (const int of : {500, 503, 0}) {
    code = of;
    time.advance(10h, 1s);
    BOOST_TEST(kept.dead_letters.empty());
  }
  BOOST_TEST(cursor() == 0U);
  code = 202;
  time.advance(5min, 100ms);
  BOOST_TEST(kept.dead_letters.empty());
  BOOST_TEST(cursor() == 100U);
}

BOOST_AUTO_TEST_CASE(a_refusal_of_the_agent_itself_holds_everything_and_is_tried_slowly) {
  http.script = [](const http_request&) { return status(401); };
  start_with(20);
  time.advance(600s, 100ms);
  BOOST_TEST(http.requests.size() >= 3U);
  BOOST_TEST(http.requests.size() <= 60U);
  for (const auto& body : bodies()) BOOST_TEST(body == body_of(1, 1));
  BOOST_TEST(kept.dead_letters.empty());
}

BOOST_AUTO_TEST_CASE(rubbish_behind_a_202_is_an_acknowledgement_all_the_same) {
  http.script = [](const http_request&) { return status(202, "<html>"); };
  start_with(2);
  time.advance(1s);
  BOOST_TEST(cursor() == 2U);
  BOOST_TEST(http.requests.size() == 2U);
}

BOOST_AUTO_TEST_CASE(a_batch_that_ended_it_every_time_is_taken_apart_and_its_poison_set_aside) {
  settings.poisons = {{"records 1-4", "boom"}, {"records 3", "boom"}};
  kept.sent_before = 4;
  http.script = [](const http_request&) { return status(202); };
  start_with(5);
  time.advance(1s);
  BOOST_REQUIRE(kept.dead_letters.size() == 1U);
  BOOST_TEST(kept.dead_letters.front().refused.sequence == 3U);
  BOOST_TEST(kept.dead_letters.front().answer ==
             "not sent: it ended the actor that sends 3 times: boom");
  const std::vector<std::string> all{body_of(1, 1), body_of(2, 2), body_of(4, 4), body_of(5, 5)};
  BOOST_TEST(bodies() == all, boost::test_tools::per_element());
  BOOST_TEST(cursor() == 5U);
}

BOOST_AUTO_TEST_CASE(stop_ends_an_idle_uplink_at_once) {
  start();
  stop();
  BOOST_TEST(ended());
}

BOOST_AUTO_TEST_CASE(stop_ends_one_that_has_not_begun) {
  settings.members.front().endpoint.start_spread = 1h;
  start_with(1);
  stop();
  BOOST_TEST(ended());
}

BOOST_AUTO_TEST_CASE(stop_ends_one_that_waits_for_its_permit) {
  permit_wait = 1h;
  start_with(1);
  stop();
  BOOST_TEST(ended());
}

BOOST_AUTO_TEST_CASE(stop_lets_what_is_on_its_way_arrive_and_leaves_the_rest_in_the_spool) {
  start_with(15);
  stop();
  BOOST_TEST(!ended());
  http.answer(status(202));
  time.run();
  BOOST_TEST(http.requests.size() == 1U);
  BOOST_TEST(ended());
  BOOST_TEST(cursor() == 1U);
  BOOST_TEST(kept.questions.back().max_samples == 1U);  // so nothing counts as on its way
}

BOOST_AUTO_TEST_CASE(what_arrived_just_before_stop_is_not_left_in_the_spool) {
  start_with(5);
  http.answer(status(202));
  stop();
  BOOST_TEST(ended());
  BOOST_TEST(cursor() == 1U);
}

BOOST_AUTO_TEST_CASE(stop_during_an_outage_keeps_what_waits) {
  http.script = [](const http_request&) { return unreachable(); };
  start_with(5);
  stop();
  BOOST_TEST(ended());
  BOOST_TEST(cursor() == 0U);
}

BOOST_AUTO_TEST_CASE(an_answer_that_is_no_acknowledgement_ends_one_that_stops) {
  start_with(5);
  stop();
  http.answer(status(400));
  time.run();
  BOOST_TEST(ended());
  BOOST_TEST(kept.dead_letters.empty());
  BOOST_TEST(cursor() == 0U);
}

BOOST_AUTO_TEST_CASE(a_permit_says_whether_more_waits_and_is_given_back_with_each_answer) {
  http.script = [n = 0](const http_request&) mutable { return status(n++ == 0 ? 503 : 202); };
  start_with(4);  // one, then two, then one
  time.advance(40s, 100ms);
  BOOST_REQUIRE(permits.size() == 4U);
  BOOST_TEST(permits[0].backlog);
  BOOST_TEST(permits[1].backlog);
  BOOST_TEST(permits[2].backlog);
  BOOST_TEST(!permits[3].backlog);
  BOOST_TEST((permits[0].longest == settings.members.front().endpoint.timeout));
  BOOST_TEST(given_back == 4);
}

BOOST_AUTO_TEST_SUITE_END()
