#include "actors/command/reporter_actor.hpp"

#include "tests/command_actors_fixture.hpp"

#include <chrono>
#include <memory>
#include <string>

#include <boost/test/unit_test.hpp>

using namespace reflector;
using namespace std::chrono_literals;

namespace {

struct reporting {
  virtual_time time;
  scripted_http_client http;
  fake_supervisor permits;
  double random = 0.5;
  supervisor_actor supervisor = permits.spawn(time.system());
  reporter_actor reporter;

  reporting() {
    auto queue = std::make_shared<command_queue>();
    queue->url = "http://ego/api/commands";
    reporter = spawn_reporter(time.system(), {http, supervisor, queue, [this] { return random; }});
    time.run();
  }

  ~reporting() {
    caf::anon_send(reporter, stop_atom::value);
    caf::anon_send(supervisor, stop_atom::value);
    time.advance(2s);
  }

  auto report(const std::string& id, std::string output = "out") {
    auto answer = ask<report_receipt>(
        time, reporter, command_report{id, std::make_shared<const std::string>(std::move(output))});
    time.run();
    return answer;
  }

  void answer(std::size_t index, int status) {
    http.answer(index, status);
    time.run();
  }
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(a_result_is_posted_and_answered_when_it_is_taken, reporting) {
  const auto answered = report("a b");
  BOOST_REQUIRE(http.requests.size() == 1U);
  BOOST_TEST(http.requests[0].url == "http://ego/api/commands/a%20b/result");
  BOOST_TEST(*http.requests[0].body == "out");
  BOOST_TEST(answered->empty());
  answer(0, 201);
  BOOST_REQUIRE(answered->size() == 1U);
  BOOST_TEST(answered->at(0).id == "a b");
  BOOST_TEST(answered->at(0).taken);
  BOOST_TEST(permits.asked.size() == 1U);
  time.advance(60s);
  BOOST_TEST(http.requests.size() == 1U);
}

BOOST_FIXTURE_TEST_CASE(failures_are_retried_with_the_same_bytes_until_it_is_taken, reporting) {
  const auto answered = report("a", "\xff\xfe");
  std::size_t attempt = 0;
  for (const int status : {0, 500, 503, 429, 408, 401, 302, 0, 0, 0}) {
    answer(attempt++, status);
    BOOST_TEST(http.unanswered() == 0U);
    time.advance(20s, 100ms);
    BOOST_REQUIRE(http.requests.size() == attempt + 1);
    BOOST_TEST(*http.requests[attempt].body == *http.requests[0].body);
    BOOST_TEST(http.requests[attempt].url == http.requests[0].url);
    BOOST_TEST(answered->empty());
  }
  answer(attempt, 200);
  BOOST_TEST(answered->size() == 1U);
}

BOOST_FIXTURE_TEST_CASE(waits_grow_and_are_jittered, reporting) {
  report("a");
  answer(0, 500);
  time.advance(490ms);
  BOOST_TEST(http.requests.size() == 1U);
  time.advance(20ms);
  BOOST_TEST(http.requests.size() == 2U);
  random = 0.25;
  answer(1, 500);  // 0.25 of 2 s
  time.advance(490ms);
  BOOST_TEST(http.requests.size() == 2U);
  time.advance(20ms);
  BOOST_TEST(http.requests.size() == 3U);
  for (std::size_t n = 2; n < 10; ++n) {
    answer(n, 500);
    time.advance(31s, 100ms);
  }
  random = 0.5;
  answer(10, 500);  // 0.5 of the cap, 30 s
  time.advance(14'900ms, 100ms);
  BOOST_TEST(http.requests.size() == 11U);
  time.advance(200ms, 100ms);
  BOOST_TEST(http.requests.size() == 12U);
}

BOOST_FIXTURE_TEST_CASE(a_final_refusal_settles_it, reporting) {
  std::size_t index = 0;
  for (const int status : {404, 400, 413, 422}) {
    const auto answered = report("id");
    answer(index++, status);
    BOOST_REQUIRE(answered->size() == 1U);
    BOOST_TEST(!answered->at(0).taken);
  }
  time.advance(60s, 100ms);
  BOOST_TEST(http.requests.size() == index);
}

BOOST_FIXTURE_TEST_CASE(one_that_fails_does_not_hold_up_another, reporting) {
  const auto first = report("1"), second = report("2");
  BOOST_REQUIRE(http.requests.size() == 2U);
  answer(0, 500);
  answer(1, 201);
  BOOST_TEST(first->empty());
  BOOST_TEST(second->size() == 1U);
}

BOOST_FIXTURE_TEST_CASE(each_attempt_waits_for_its_permit, reporting) {
  permits.wait = 3s;
  report("a");
  time.advance(2900ms);
  BOOST_TEST(http.requests.empty());
  time.advance(200ms);
  BOOST_TEST(http.requests.size() == 1U);
  answer(0, 500);
  time.advance(3300ms);
  BOOST_TEST(http.requests.size() == 1U);
  time.advance(300ms);
  BOOST_TEST(http.requests.size() == 2U);
  BOOST_TEST(permits.asked.size() == 2U);
  BOOST_TEST((permits.asked[0] == budget::request));
}

BOOST_FIXTURE_TEST_CASE(an_unanswered_permit_is_asked_for_again, reporting) {
  permits.answers = false;
  report("a");
  time.advance(2500ms);
  BOOST_TEST(http.requests.empty());
  permits.answers = true;
  time.advance(1s);
  BOOST_TEST(http.requests.size() == 1U);
}

BOOST_FIXTURE_TEST_CASE(what_is_in_hand_is_bounded, reporting) {
  for (std::size_t n = 0; n < max_open_reports; ++n) report(std::to_string(n));
  BOOST_TEST(http.requests.size() == max_open_reports);
  // Its journal keeps it.
  const auto one_more = report("more");
  BOOST_TEST(one_more->empty());
  BOOST_TEST(http.requests.size() == max_open_reports);
}

BOOST_FIXTURE_TEST_CASE(with_nothing_open_it_stops_at_once, reporting) {
  caf::anon_send(reporter, stop_atom::value);
  time.run();
  BOOST_TEST(!is_alive(time, reporter));
}

BOOST_FIXTURE_TEST_CASE(at_a_stop_what_is_in_flight_is_finished, reporting) {
  const auto answered = report("a");
  caf::anon_send(reporter, stop_atom::value);
  time.advance(200ms);
  BOOST_TEST(is_alive(time, reporter));
  answer(0, 201);
  BOOST_TEST(answered->size() == 1U);
  BOOST_TEST(!is_alive(time, reporter));
}

BOOST_FIXTURE_TEST_CASE(at_a_stop_what_backs_off_is_tried_at_once, reporting) {
  permits.wait = 10s;
  const auto waiting_for_permit = report("p");
  permits.wait = 0s;
  random = 0.9999;
  const auto answered = report("a");
  for (std::size_t n = 0; n < 6; ++n) {
    answer(n, 500);
    if (n < 5) time.advance(9s, 100ms);
    if (http.requests.size() <= n + 1) break;
  }
  caf::anon_send(reporter, stop_atom::value);
  time.run();
  BOOST_TEST(http.unanswered() >= 1U);
  for (std::size_t n = 0; n < http.requests.size(); ++n) {
    if (http.is_open(n)) answer(n, 201);
  }
  BOOST_TEST(answered->size() == 1U);
  BOOST_TEST(waiting_for_permit->size() == 1U);
  BOOST_TEST(!is_alive(time, reporter));
}

BOOST_FIXTURE_TEST_CASE(a_stop_ends_in_time_without_an_answer, reporting) {
  bool gone = false;
  time.system().spawn([&gone, whom = reporter](caf::event_based_actor* self) {
    self->request(whom, caf::infinite, command_report{})
        .then([](const report_receipt&) {}, [&gone](const caf::error&) { gone = true; });
  });
  time.run();
  caf::anon_send(reporter, stop_atom::value);
  time.advance(200ms);
  BOOST_TEST(is_alive(time, reporter));
  time.advance(100ms);
  BOOST_TEST(!is_alive(time, reporter));
  BOOST_TEST(gone);  // who asked is told
}

BOOST_FIXTURE_TEST_CASE(retry_after_is_heeded_and_every_permit_given_back, reporting) {
  report("a");
  auto busy = status(429, "", "20");
  http.answer(busy);
  time.run();
  time.advance(19'900ms, 100ms);
  BOOST_TEST(http.requests.size() == 1U);
  time.advance(200ms);
  BOOST_REQUIRE(http.requests.size() == 2U);
  answer(1, 201);
  BOOST_TEST(permits.given_back == 2U);
}
