#include "actors/net/curl_http_client.hpp"

#include "tests/receiver/ego_receiver.hpp"
#include "tests/receiver/test_certificate.hpp"

#include <arpa/inet.h>
#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <dlfcn.h>
#include <filesystem>
#include <fstream>
#include <future>
#include <mutex>
#include <netdb.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <thread>
#include <time.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

using namespace std::chrono_literals;
using reflector::curl_http_client;
using reflector::ego_receiver;
using reflector::http_peer;
using reflector::http_request;
using reflector::http_response;
using reflector::receiver_fault;
using kind = receiver_fault::kind;
using steady = std::chrono::steady_clock;

/// libcurl's resolver threads end up here: names of this test's own behave like a dead and like a
/// working name server.
extern "C" int getaddrinfo(const char* name, const char* service, const addrinfo* hints,
                           addrinfo** found) {
  using function = int (*)(const char*, const char*, const addrinfo*, addrinfo**);
  static const auto real = reinterpret_cast<function>(dlsym(RTLD_NEXT, "getaddrinfo"));
  const std::string_view wanted = name == nullptr ? "" : name;
  if (wanted == "dead-name-server.test") {
    std::this_thread::sleep_for(3s);
    return EAI_AGAIN;
  }
  if (wanted == "unknown-name.test") return EAI_NONAME;
  return real(wanted == "named.test" ? "127.0.0.1" : name, service, hints, found);
}

namespace {

http_request get(std::string url) {
  http_request request;
  request.url = std::move(url);
  return request;
}

http_request post(std::string url, std::string body) {
  http_request request = get(std::move(url));
  request.method = http_request::verb::post;
  request.headers = {"Content-Type: application/json"};
  request.body = std::make_shared<const std::string>(std::move(body));
  return request;
}

std::future<http_response> start(curl_http_client& client, http_request request) {
  auto promise = std::make_shared<std::promise<http_response>>();
  auto answer = promise->get_future();
  client.submit(std::move(request),
                [promise](http_response response) { promise->set_value(std::move(response)); });
  return answer;
}

http_response send(curl_http_client& client, http_request request) {
  return start(client, std::move(request)).get();
}

bool says(const http_response& response, std::string_view text) {
  return response.error.find(text) != std::string::npos;
}

std::string header_of(const reflector::logged_request& request, std::string_view name) {
  for (const auto& [key, value] : request.headers) {
    if (key == name) return value;
  }
  return {};
}

std::string sample(int sequence) {
  return R"({"hostname":"h","timestamp":"2026-11-23T23:40:41Z","cpu_load":1,"memory_used_percent":2,)"
         R"("load_average":0.5,"uptime_seconds":10,"agent_version":"1","platform":"Linux",)"
         R"("agent":{"id":"a","sequence":)" +
         std::to_string(sequence) + "}}";
}

std::string batch(int sequence) {
  return "{\"samples\":[" + sample(sequence) + "]}";
}

struct client_and_receiver {
  client_and_receiver() {
    for (const char* name :
         {"http_proxy", "https_proxy", "all_proxy", "HTTPS_PROXY", "ALL_PROXY"}) {
      unsetenv(name);
    }
  }

  ego_receiver receiver;
  curl_http_client client;
};

/// A listening socket that accepts nothing: its backlog alone answers the handshake.
struct silent_port {
  silent_port() : descriptor{socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    BOOST_REQUIRE(bind(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    socklen_t size = sizeof address;
    BOOST_REQUIRE(getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    port = ntohs(address.sin_port);
  }
  ~silent_port() { close(descriptor); }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port) + "/"; }

  int descriptor;
  int port = 0;
};

long peak_kilobytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

/// Voluntary and other context switches so far of the thread with this name.
long context_switches(const std::string& thread_name) {
  for (const auto& task : std::filesystem::directory_iterator{"/proc/self/task"}) {
    std::ifstream status{task.path() / "status"};
    std::string line;
    long switches = 0;
    bool matches = false;
    while (std::getline(status, line)) {
      if (line == "Name:\t" + thread_name) matches = true;
      if (line.find("ctxt_switches:") != std::string::npos) {
        switches += std::stol(line.substr(line.find('\t')));
      }
    }
    if (matches) return switches;
  }
  return -1;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(over_plain_http, client_and_receiver)

BOOST_AUTO_TEST_CASE(a_post_arrives_as_given_and_its_answer_comes_back) {
  auto request = post(receiver.batch_url(), batch(1));
  request.headers.emplace_back("Idempotency-Key: k-1");
  const auto answer = send(client, request);
  BOOST_TEST(answer.status == 202);
  BOOST_TEST(answer.error.empty());
  BOOST_TEST(answer.body.starts_with("{\"accepted\":1,"), answer.body);
  BOOST_TEST(receiver.samples().at(0).json == sample(1));
  const auto seen = receiver.requests().at(0);
  BOOST_TEST(header_of(seen, "Idempotency-Key") == "k-1");
  BOOST_TEST(header_of(seen, "Content-Type") == "application/json");
  BOOST_TEST(header_of(seen, "User-Agent") == "reflector/" REFLECTOR_VERSION);
  BOOST_TEST(header_of(seen, "Accept-Encoding").empty());
  BOOST_TEST(header_of(seen, "Expect").empty());
}

BOOST_AUTO_TEST_CASE(a_get_sends_no_body) {
  const auto id = receiver.add_command("rack a/1", "uptime", 7);
  const auto answer = send(client, get(receiver.url("/api/commands/pending/rack%20a%2F1")));
  BOOST_TEST(answer.status == 200);
  BOOST_TEST(answer.body == R"([{"id":")" + id + R"(","command":"uptime","timeoutSeconds":7}])");
  BOOST_TEST(receiver.requests().at(0).method == "GET");
  BOOST_TEST(receiver.requests().at(0).body.empty());
}

BOOST_AUTO_TEST_CASE(a_large_body_is_sent_without_asking_first) {
  const std::string large(2'000'000, 'x');
  const auto answer = send(client, post(receiver.batch_url(), large));
  BOOST_TEST(answer.status == 500);
  BOOST_TEST(receiver.requests().at(0).body == large);
  BOOST_TEST(header_of(receiver.requests().at(0), "Expect").empty());
}

BOOST_AUTO_TEST_CASE(an_error_status_is_an_answer_with_its_body_and_retry_after) {
  receiver.fail_next(
      1, {.status = 429,
          .body = "slow down",
          .headers = {{"retry-AFTER", " 17 "}, {"dAte", " Sun, 06 Nov 1994 08:49:37 GMT "}}});
  auto answer = send(client, post(receiver.batch_url(), batch(1)));
  BOOST_TEST(answer.status == 429);
  BOOST_TEST(answer.error.empty());
  BOOST_TEST(answer.body == "slow down");
  BOOST_TEST(answer.retry_after == "17");
  BOOST_TEST(answer.date == "Sun, 06 Nov 1994 08:49:37 GMT");
  answer = send(client, post(receiver.batch_url(), batch(1)));
  BOOST_TEST(answer.status == 202);
  BOOST_TEST(answer.retry_after.empty());
}

BOOST_AUTO_TEST_CASE(requests_one_after_the_other_share_a_connection) {
  for (int i = 1; i <= 20; ++i) {
    BOOST_TEST(send(client, post(receiver.batch_url(), batch(i))).status == 202);
  }
  BOOST_TEST(receiver.totals().connections == 1U);
}

BOOST_AUTO_TEST_CASE(nothing_of_a_request_is_left_for_the_next_one) {
  auto first = post(receiver.batch_url(), batch(1));
  first.headers.emplace_back("Authorization: Bearer secret");
  send(client, first);
  send(client, get(receiver.url("/api/commands/pending/h")));
  const auto second = receiver.requests().at(1);
  BOOST_TEST(second.method == "GET");
  BOOST_TEST(header_of(second, "Authorization").empty());
  BOOST_TEST(header_of(second, "Content-Type").empty());
}

BOOST_AUTO_TEST_CASE(a_connection_idle_for_longer_than_the_peer_allows_is_not_used_again) {
  const auto peer = std::make_shared<http_peer>();
  peer->max_idle = 1s;
  auto request = post(receiver.batch_url(), batch(1));
  request.peer = peer;
  send(client, request);
  std::this_thread::sleep_for(2100ms);
  BOOST_TEST(send(client, request).status == 202);
  BOOST_TEST(receiver.totals().connections == 2U);
}

BOOST_AUTO_TEST_CASE(a_connection_that_the_server_closed_while_idle_is_replaced) {
  ego_receiver hasty{{.idle_close = 200ms}};
  BOOST_TEST(send(client, post(hasty.batch_url(), batch(1))).status == 202);
  std::this_thread::sleep_for(500ms);
  BOOST_TEST(send(client, post(hasty.batch_url(), batch(2))).status == 202);
  BOOST_TEST(hasty.totals().connections == 2U);
  BOOST_TEST(hasty.totals().accepted_samples == 2U);
}

BOOST_AUTO_TEST_CASE(a_redirect_is_answered_and_not_followed) {
  receiver.fail_next(1, {.status = 302, .headers = {{"Location", receiver.url("/elsewhere")}}});
  BOOST_TEST(send(client, get(receiver.url("/api/commands/pending/h"))).status == 302);
  BOOST_TEST(receiver.totals().requests == 1U);
}

BOOST_AUTO_TEST_CASE(a_thousand_requests_are_each_answered_once) {
  curl_http_client patient{{.max_outstanding = 1000}};
  send(patient, post(receiver.batch_url(), batch(1)));
  std::mutex mutex;
  std::condition_variable changed;
  int answered = 0;
  int accepted = 0;
  constexpr int window = 10;
  int sent = 0;
  std::unique_lock lock{mutex};
  while (answered < 1000) {
    while (sent < 1000 && sent - answered < window) {
      ++sent;
      patient.submit(post(receiver.batch_url(), batch(sent + 1)),
                     [&](const http_response& response) {
                       const std::scoped_lock counting{mutex};
                       ++answered;
                       if (response.status == 202) ++accepted;
                       changed.notify_one();
                     });
    }
    BOOST_REQUIRE(changed.wait_for(lock, 30s) == std::cv_status::no_timeout);
  }
  BOOST_TEST(accepted == 1000);
  BOOST_TEST(receiver.totals().accepted_samples == 1001U);
  BOOST_TEST(receiver.totals().repeated_samples == 0U);
  BOOST_TEST(receiver.totals().connections <= static_cast<unsigned>(window));
}

BOOST_AUTO_TEST_CASE(requests_past_the_bound_are_answered_with_an_error) {
  curl_http_client narrow{{.max_outstanding = 2}};
  receiver.fail_next(2, {.what = kind::delay, .delay = 300ms});
  auto first = start(narrow, get(receiver.url("/a")));
  auto second = start(narrow, get(receiver.url("/b")));
  const auto third = send(narrow, get(receiver.url("/c")));
  BOOST_TEST(third.status == 0);
  BOOST_TEST(says(third, "more than 2 requests are outstanding"), third.error);
  BOOST_TEST(first.get().status == 404);
  BOOST_TEST(second.get().status == 404);
  BOOST_TEST(send(narrow, get(receiver.url("/d"))).status == 404);
}

BOOST_AUTO_TEST_CASE(done_comes_from_the_clients_thread_and_may_submit) {
  std::promise<std::pair<bool, int>> finished;
  const auto caller = pthread_self();
  client.submit(get(receiver.url("/first")), [&](const http_response&) {
    const bool other = pthread_equal(caller, pthread_self()) == 0;
    client.submit(get(receiver.url("/second")), [&finished, other](const http_response& response) {
      finished.set_value({other, response.status});
    });
  });
  const auto [other_thread, status] = finished.get_future().get();
  BOOST_TEST(other_thread);
  BOOST_TEST(status == 404);
}

BOOST_AUTO_TEST_CASE(a_client_with_nothing_to_do_sleeps) {
  send(client, post(receiver.batch_url(), batch(1)));
  std::this_thread::sleep_for(100ms);
  const long before = context_switches("http");
  BOOST_REQUIRE(before >= 0);
  std::this_thread::sleep_for(1500ms);
  BOOST_TEST(context_switches("http") - before <= 1);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(what_goes_wrong, client_and_receiver)

BOOST_AUTO_TEST_CASE(a_refused_connection_is_an_error) {
  const auto answer = send(client, get("http://127.0.0.1:1/"));
  BOOST_TEST(answer.status == 0);
  BOOST_TEST(says(answer, "connect"), answer.error);
}

BOOST_AUTO_TEST_CASE(an_unknown_name_is_an_error) {
  const auto answer = send(client, get("http://unknown-name.test/"));
  BOOST_TEST(answer.status == 0);
  BOOST_TEST(says(answer, "resolve"), answer.error);
}

BOOST_AUTO_TEST_CASE(a_dead_name_server_holds_up_nothing_else) {
  auto request = get("http://dead-name-server.test/");
  request.timeout = 600ms;
  const auto begin = steady::now();
  auto dead = start(client, request);
  BOOST_TEST(send(client, get(receiver.url("/x"))).status == 404);
  BOOST_TEST((steady::now() - begin < 400ms));
  const auto answer = dead.get();
  BOOST_TEST(answer.status == 0);
  BOOST_TEST((answer.elapsed >= 500ms && answer.elapsed < 1500ms), answer.elapsed.count());
  BOOST_TEST(send(client, get(receiver.url("/x"))).status == 404);
  BOOST_TEST((steady::now() - begin < 2000ms));
}

BOOST_AUTO_TEST_CASE(look_ups_that_do_not_return_are_bounded_for_their_host_alone) {
  curl_http_client strict{{.max_look_ups_per_host = 2}};
  auto request = get("http://dead-name-server.test/");
  request.timeout = 50ms;
  BOOST_TEST(says(send(strict, request), "imed out"));
  BOOST_TEST(says(send(strict, request), "imed out"));
  const auto third = send(strict, request);
  BOOST_TEST(says(third, "look-ups"), third.error);
  BOOST_TEST(
      send(strict, get("http://named.test:" + std::to_string(receiver.port()) + "/")).status ==
      404);
  // A time-out that has nothing to do with names, on a new and on a kept connection, is not
  // counted.
  receiver.fail_next(3, {.what = kind::stall, .only = "/stall"});
  auto stalled = get(receiver.url("/stall"));
  stalled.timeout = 100ms;
  for (int i = 0; i < 3; ++i) {
    BOOST_TEST(send(strict, get(receiver.url("/keep"))).status == 404);
    BOOST_TEST(says(send(strict, stalled), "imed out"));
  }
  BOOST_TEST(send(strict, get(receiver.url("/x"))).status == 404);
}

BOOST_AUTO_TEST_CASE(a_server_that_never_answers_is_given_up_on_at_the_time_out) {
  receiver.fail_next(1, {.what = kind::stall});
  auto request = post(receiver.batch_url(), batch(1));
  request.timeout = 300ms;
  const auto answer = send(client, request);
  BOOST_TEST(answer.status == 0);
  BOOST_TEST(says(answer, "imed out"), answer.error);
  BOOST_TEST((answer.elapsed >= 250ms && answer.elapsed < 1500ms), answer.elapsed.count());
}

BOOST_AUTO_TEST_CASE(a_slow_answer_within_the_time_out_is_an_answer) {
  receiver.fail_next(1, {.what = kind::delay, .delay = 300ms});
  const auto answer = send(client, post(receiver.batch_url(), batch(1)));
  BOOST_TEST(answer.status == 202);
  BOOST_TEST((answer.elapsed >= 300ms));
}

BOOST_AUTO_TEST_CASE(half_a_body_is_no_answer) {
  receiver.fail_next(1, {.what = kind::half_body, .body = R"({"accepted":1,"receivedAt":"x"})"});
  const auto answer = send(client, post(receiver.batch_url(), batch(1)));
  BOOST_TEST(answer.status == 0);
  BOOST_TEST(answer.body.empty());
  BOOST_TEST(!answer.error.empty());
}

BOOST_AUTO_TEST_CASE(bytes_that_are_not_http_are_no_answer) {
  for (const std::string& rubbish :
       {std::string{"<html><body>hello</body></html>\r\n\r\n"}, std::string(3000, '\xff'),
        std::string{"\0\0\0\0", 4}, std::string{"HTTP/1.1 abc\r\n\r\n"},
        std::string{"HTTP/1.1 200 OK\r\nContent-Length: -7\r\n\r\n"}}) {
    receiver.fail_next(1, {.what = kind::raw, .body = rubbish});
    const auto answer = send(client, post(receiver.batch_url(), batch(1)));
    BOOST_TEST(answer.status == 0);
    BOOST_TEST(!answer.error.empty());
    for (const char c : answer.error) BOOST_TEST((c >= ' ' && c <= '~'));
  }
  BOOST_TEST(send(client, post(receiver.batch_url(), batch(1))).status == 202);
}

BOOST_AUTO_TEST_CASE(a_page_of_html_with_a_status_is_the_callers_to_judge) {
  receiver.fail_next(1,
                     {.status = 200, .body = "<html>", .headers = {{"Content-Type", "text/html"}}});
  const auto answer = send(client, post(receiver.batch_url(), batch(1)));
  BOOST_TEST(answer.status == 200);
  BOOST_TEST(answer.body == "<html>");
}

BOOST_AUTO_TEST_CASE(a_connection_closed_on_accept_is_an_error) {
  receiver.fail_next(1, {.what = kind::close_on_accept});
  const auto answer = send(client, post(receiver.batch_url(), batch(1)));
  BOOST_TEST(answer.status == 0);
  BOOST_TEST(!answer.error.empty());
  BOOST_TEST(send(client, post(receiver.batch_url(), batch(1))).status == 202);
}

BOOST_AUTO_TEST_CASE(an_answer_that_is_lost_is_an_error_though_the_batch_arrived) {
  receiver.fail_next(1, {.what = kind::lose_answer});
  BOOST_TEST(send(client, post(receiver.batch_url(), batch(1))).status == 0);
  BOOST_TEST(receiver.totals().accepted_samples == 1U);
}

BOOST_AUTO_TEST_CASE(a_hundred_megabytes_are_cut_at_the_cap_and_not_held) {
  receiver.fail_next(1, {.what = kind::huge_body, .bytes = 100'000'000});
  const long before = peak_kilobytes();
  const auto answer = send(client, post(receiver.batch_url(), batch(1)));
  BOOST_TEST(answer.status == 0);
  BOOST_TEST(says(answer, "response larger than 65536 bytes"), answer.error);
  BOOST_TEST(answer.body.empty());
  BOOST_TEST(peak_kilobytes() - before < 8 * 1024);
}

BOOST_AUTO_TEST_CASE(a_body_of_exactly_the_cap_is_whole) {
  receiver.fail_next(1, {.what = kind::huge_body, .bytes = 1000});
  auto request = get(receiver.url("/"));
  request.max_response_bytes = 1000;
  auto answer = send(client, request);
  BOOST_TEST(answer.status == 200);
  BOOST_TEST(answer.body == std::string(1000, 'a'));
  receiver.fail_next(1, {.what = kind::huge_body, .bytes = 1001});
  answer = send(client, request);
  BOOST_TEST(answer.status == 0);
  BOOST_TEST(says(answer, "larger than 1000 bytes"), answer.error);
}

BOOST_AUTO_TEST_CASE(headers_without_an_end_are_cut) {
  receiver.fail_next(1, {.what = kind::endless_headers, .bytes = 50'000'000});
  const auto answer = send(client, get(receiver.url("/")));
  BOOST_TEST(answer.status == 0);
  BOOST_TEST(says(answer, "headers larger than 16384 bytes"), answer.error);
}

BOOST_AUTO_TEST_CASE(other_schemes_and_broken_lines_are_refused_unsent) {
  for (const char* url : {"file:///etc/passwd", "ftp://127.0.0.1/", "", "gopher://x/", "127.0.0.1/",
                          "http://127.0.0.1:1/\r\nX: y"}) {
    const auto answer = send(client, get(url));
    BOOST_TEST(answer.status == 0);
    BOOST_TEST(!answer.error.empty());
  }
  auto request = get(receiver.url("/"));
  request.headers = {"X-Name: secret\r\nX-Other: injected"};
  const auto answer = send(client, request);
  BOOST_TEST(says(answer, "line break"), answer.error);
  BOOST_TEST(!says(answer, "secret"));
  BOOST_TEST(receiver.totals().connections == 0U);
}

BOOST_AUTO_TEST_CASE(destruction_answers_what_is_outstanding_at_once) {
  silent_port unaccepting;
  BOOST_REQUIRE(listen(unaccepting.descriptor, 1) == 0);
  receiver.fail_next(10, {.what = kind::stall});
  std::atomic<int> answered = 0;
  std::atomic<int> errors = 0;
  const auto count = [&](const http_response& response) {
    ++answered;
    if (response.status == 0 && !response.error.empty()) ++errors;
  };
  auto doomed = std::make_unique<curl_http_client>();
  for (int i = 0; i < 3; ++i) {
    for (const auto& url : {receiver.url("/stalled"), unaccepting.url(),
                            std::string{"http://dead-name-server.test/"}}) {
      auto request = get(url);
      request.timeout = 60s;
      doomed->submit(std::move(request), count);
    }
  }
  BOOST_TEST(receiver.wait_until([](const auto& r) { return r.totals().requests == 3; }));
  doomed->submit(get(receiver.url("/stalled")), count);
  const auto begin = steady::now();
  doomed.reset();
  BOOST_TEST((steady::now() - begin < 1s));
  BOOST_TEST(answered == 10);
  BOOST_TEST(errors == 10);
}

BOOST_AUTO_TEST_SUITE_END()

namespace {

struct over_tls_fixture : client_and_receiver {
  static ego_receiver::options with(const reflector::receiver::test_certificate& certificate) {
    return {.tls_certificate_file = certificate.certificate_file(),
            .tls_key_file = certificate.key_file()};
  }
  static std::shared_ptr<http_peer> trusting(
      const reflector::receiver::test_certificate& certificate) {
    auto peer = std::make_shared<http_peer>();
    peer->ca_file = certificate.certificate_file();
    return peer;
  }

  reflector::receiver::test_certificate certificate;
  ego_receiver secure{with(certificate)};
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(over_tls, over_tls_fixture)

BOOST_AUTO_TEST_CASE(a_certificate_of_the_given_authority_is_accepted_and_its_connection_kept) {
  auto request = post(secure.batch_url(), batch(1));
  request.peer = trusting(certificate);
  for (int i = 0; i < 3; ++i) {
    const auto answer = send(client, request);
    BOOST_TEST(answer.status == 202, answer.error);
  }
  BOOST_TEST(secure.totals().connections == 1U);
}

BOOST_AUTO_TEST_CASE(a_self_signed_certificate_is_refused_without_its_authority) {
  const auto answer = send(client, post(secure.batch_url(), batch(1)));
  BOOST_TEST(answer.status == 0);
  BOOST_TEST(says(answer, "certificate"), answer.error);
  BOOST_TEST(secure.totals().requests == 0U);
}

BOOST_AUTO_TEST_CASE(the_trust_of_one_peer_is_not_lent_to_another) {
  auto trusted = post(secure.batch_url(), batch(1));
  trusted.peer = trusting(certificate);
  BOOST_TEST(send(client, trusted).status == 202);
  BOOST_TEST(send(client, post(secure.batch_url(), batch(2))).status == 0);
  const reflector::receiver::test_certificate other;
  auto distrusted = post(secure.batch_url(), batch(2));
  distrusted.peer = trusting(other);
  BOOST_TEST(send(client, distrusted).status == 0);
  BOOST_TEST(secure.totals().requests == 1U);
}

BOOST_AUTO_TEST_CASE(a_certificate_for_another_host_is_refused) {
  const reflector::receiver::test_certificate elsewhere{"127.0.0.2"};
  const ego_receiver impostor{with(elsewhere)};
  auto request = post(impostor.batch_url(), batch(1));
  request.peer = trusting(elsewhere);
  const auto answer = send(client, request);
  BOOST_TEST(answer.status == 0);
  BOOST_TEST(!answer.error.empty());
  BOOST_TEST(impostor.totals().requests == 0U);
}

BOOST_AUTO_TEST_CASE(a_server_without_tls_is_not_talked_to_in_plain_text) {
  const auto url = "https://127.0.0.1:" + std::to_string(receiver.port()) + "/api/metrics/batch";
  auto request = post(url, batch(1));
  request.peer = trusting(certificate);
  BOOST_TEST(send(client, request).status == 0);
  BOOST_TEST(receiver.totals().requests == 0U);
}

BOOST_AUTO_TEST_CASE(a_missing_authority_file_refuses_instead_of_trusting) {
  const auto peer = std::make_shared<http_peer>();
  peer->ca_file = "/nonexistent/authority.pem";
  auto request = post(secure.batch_url(), batch(1));
  request.peer = peer;
  const auto answer = send(client, request);
  BOOST_TEST(answer.status == 0);
  BOOST_TEST(secure.totals().requests == 0U);
}

BOOST_AUTO_TEST_CASE(a_client_certificate_is_shown_where_the_server_wants_one) {
  const reflector::receiver::test_certificate mine;
  auto settings = with(certificate);
  settings.tls_client_ca_file = mine.certificate_file();
  const ego_receiver demanding{settings};
  auto request = post(demanding.batch_url(), batch(1));
  request.peer = trusting(certificate);
  BOOST_TEST(send(client, request).status == 0);
  const auto peer = trusting(certificate);
  peer->client_cert_file = mine.certificate_file();
  peer->client_key_file = mine.key_file();
  request.peer = peer;
  const auto answer = send(client, request);
  BOOST_TEST(answer.status == 202, answer.error);
}

BOOST_AUTO_TEST_SUITE_END()
