// Every kind of answer, with every form of Retry-After, through the actor in virtual time.

#include "actors/deliver/http_uplink.hpp"
#include "tests/fake_spool.hpp"
#include "tests/scripted_http_client.hpp"
#include "tests/virtual_time.hpp"

#include <functional>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>
#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>

using namespace reflector;
using namespace std::chrono_literals;

namespace {

// Sun, 06 Nov 1994 08:49:37 GMT
const wall_time server_clock = std::chrono::system_clock::from_time_t(784'111'777);
constexpr auto server_date = "Sun, 06 Nov 1994 08:49:37 GMT";

/// An uplink with one sample to deliver that it was answered about once, with what the test says.
struct answered_once {
  answered_once(const http_response& first, std::uint64_t seed,
                std::function<wall_time()> wall_now) {
    spool = spawn_fake_spool(time.system(), kept);
    supervisor = time.system().spawn([](supervisor_actor::pointer) {
      return supervisor_actor::behavior_type{
          [](stop_atom) {}, [](const permit_request&) { return std::chrono::nanoseconds{0}; },
          [](permit_return) {}};
    });
    caf::anon_send(spool, commit{{{1, std::make_shared<const std::string>("{}"), nullptr}}});
    http_uplink_settings settings;
    settings.name = "ego";
    settings.members.front().endpoint.name = "ego";
    settings.members.front().endpoint.start_spread = 0ms;
    settings.members.front().endpoint.retry = {1s, 30s};
    settings.agent_id = "id";
    settings.wall_now = std::move(wall_now);
    settings.random_seed = seed;
    http.script = [first, this](const http_request&) {
      return http.requests.size() == 1 ? first : status(202);
    };
    uplink = spawn_http_uplink(time.system(), settings, spool, http, supervisor);
    time.run();
  }

  ~answered_once() {
    caf::anon_send_exit(uplink, caf::exit_reason::kill);
    caf::anon_send_exit(spool, caf::exit_reason::kill);
    caf::anon_send_exit(supervisor, caf::exit_reason::kill);
    time.run();
  }

  /// Until the second request; `limit` and more where there is none by then.
  std::chrono::milliseconds wait(std::chrono::milliseconds limit) {
    auto waited = 0ms;
    for (; http.requests.size() < 2 && waited <= limit; waited += 50ms) time.advance(50ms, 50ms);
    return waited;
  }

  virtual_time time;
  fake_spool_content kept;
  scripted_http_client http;
  spool_actor spool;
  supervisor_actor supervisor;
  uplink_actor uplink;
};

struct retry_after_form {
  std::string value;
  std::chrono::milliseconds least{0};
};

const std::vector<retry_after_form> forms{
    {"", 0ms},
    {"90", 90s},
    {"Sun, 06 Nov 1994 08:51:07 GMT", 90s},
    {"Sunday, 06-Nov-94 08:51:07 GMT", 90s},
    {"Sun Nov  6 08:51:07 1994", 90s},
    {"Sun, 06 Nov 1994 08:00:00 GMT", 0ms},
    {"soon", 0ms},
};

const std::vector<int> retried{0, 100, 408, 429, 500, 501, 502, 503, 504, 507, 599};
const std::vector<int> held{300, 301, 302, 303, 304, 307, 308, 401, 402,
                            403, 404, 405, 409, 410, 411, 415, 451};
const std::vector<int> refused{400, 413, 422};
const std::vector<int> accepted{200, 201, 202, 204};

http_response answer_of(int code, const std::string& retry_after) {
  http_response answer = code == 0 ? unreachable() : status(code, "x", retry_after);
  if (code == 0) answer.retry_after = retry_after;
  answer.date = server_date;
  return answer;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_batch_that_is_to_be_retried_or_held_waits_as_it_should_and_stays_as_it_is) {
  std::uint64_t seed = 0;
  for (const auto* codes : {&retried, &held}) {
    const std::chrono::milliseconds jitter = codes == &held ? 10s : 1s;
    for (const int code : *codes) {
      for (const auto& form : forms) {
        const auto skewed = [] { return server_clock + 30 * 24h; };
        answered_once run{answer_of(code, form.value), ++seed, skewed};
        const auto waited = run.wait(200s);
        const auto context =
            std::to_string(code) + " " + form.value + " waited " + std::to_string(waited.count());
        BOOST_TEST((waited >= form.least), context);
        BOOST_TEST((waited <= std::max(form.least, jitter) + 50ms), context);
        BOOST_REQUIRE(run.http.requests.size() == 2U);
        const auto& [first, second] = std::tie(run.http.requests[0], run.http.requests[1]);
        BOOST_TEST((*first.body == *second.body), context);
        BOOST_TEST((first.headers == second.headers), context);
        BOOST_TEST(run.kept.dead_letters.empty(), context);
        BOOST_TEST(run.kept.cursors["ego"] == 1U, context);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_batch_that_is_accepted_or_refused_is_settled_at_once) {
  for (const auto* codes : {&accepted, &refused}) {
    for (const int code : *codes) {
      for (const auto& form : forms) {
        answered_once run{answer_of(code, form.value), 1, [] { return server_clock; }};
        run.wait(100s);
        const auto context = std::to_string(code) + " " + form.value;
        BOOST_TEST(run.http.requests.size() == 1U, context);
        BOOST_TEST(run.kept.cursors["ego"] == 1U, context);
        BOOST_TEST(run.kept.dead_letters.size() == (codes == &refused ? 1U : 0U), context);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(no_retry_after_keeps_it_waiting_for_more_than_an_hour) {
  for (const auto* value : {"86400", "99999999999999999999", "Sun, 06 Nov 1994 20:00:00 GMT"}) {
    answered_once run{answer_of(503, value), 1, [] { return server_clock; }};
    const auto waited = run.wait(2h);
    BOOST_TEST((waited >= 1h));
    BOOST_TEST((waited <= 1h + 100ms));
  }
}

BOOST_AUTO_TEST_CASE(a_wall_clock_that_jumps_a_month_disturbs_no_wait) {
  const auto waited_with_jump = [](std::chrono::hours jump, const http_response& answer) {
    // It has jumped when the answer comes, and jumps back afterwards.
    const auto wall = std::make_shared<wall_time>(server_clock + jump);
    answered_once run{answer, 7, [wall] { return *wall; }};
    *wall -= 2 * jump;
    return run.wait(2h);
  };
  std::vector<http_response> answers{status(503), status(503, "", "90"), status(401)};
  answers.push_back(answer_of(503, "Sun, 06 Nov 1994 08:51:07 GMT"));
  for (const auto& answer : answers) {
    const auto undisturbed = waited_with_jump(0h, answer);
    BOOST_TEST((waited_with_jump(30 * 24h, answer) == undisturbed));
    BOOST_TEST((waited_with_jump(-30 * 24h, answer) == undisturbed));
  }
}
