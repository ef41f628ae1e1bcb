#include "tests/uplink_fixture.hpp"

#include <map>
#include <set>

#include <boost/test/unit_test.hpp>

using namespace reflector;

namespace {

/// Two endpoints in a group, and what each has taken.
struct group_at_work : uplink_at_work {
  group_at_work() {
    settings.name = "pair";
    settings.kind = "failover";
    settings.return_after = 20s;
    auto& first = settings.members.front();
    first.endpoint.name = "a";
    first.endpoint.url = "http://a/batch";
    auto second = first;
    second.endpoint.name = "b";
    second.endpoint.url = "http://b/batch";
    second.headers = {"Authorization: Bearer other"};
    settings.members.push_back(second);
    http.script = [this](const http_request& request) {
      const std::string to = request.url.substr(7, 1);
      if (is_down.contains(to)) return down;
      taken[to].push_back(*request.body);
      return status(202);
    };
  }

  std::uint64_t cursor() { return kept.cursors["pair"]; }

  /// A sample a second.
  void measure(int seconds) {
    for (int i = 0; i < seconds; ++i) {
      commit_records(next_, next_);
      ++next_;
      time.advance(1s, 100ms);
    }
  }

  /// Each sample of `taken`, by who took it.
  std::map<std::uint64_t, std::set<std::string>> takers() const {
    std::map<std::uint64_t, std::set<std::string>> all;
    for (const auto& [who, bodies] : taken)
      for (std::uint64_t n = 1; n < next_; ++n)
        for (const auto& body : bodies)
          if (body.find("{\"n\":" + std::to_string(n) + "}") != std::string::npos) {
            BOOST_TEST(all[n].insert(who).second);  // never twice to the same one
          }
    return all;
  }

  std::set<std::string> is_down;
  http_response down = unreachable();
  std::map<std::string, std::vector<std::string>> taken;
  std::uint64_t next_ = 1;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(a_group, group_at_work)

BOOST_AUTO_TEST_CASE(all_goes_to_the_best_while_it_is_well) {
  start();
  measure(20);
  BOOST_TEST(taken["a"].size() == 20U);
  BOOST_TEST(taken["b"].empty());
  BOOST_TEST(cursor() == 20U);
}

BOOST_AUTO_TEST_CASE(nothing_is_missing_or_twice_over_an_outage_and_it_returns) {
  start();
  measure(10);
  is_down = {"a"};
  measure(30);
  BOOST_TEST(cursor() == 40U);
  BOOST_TEST(taken["b"].size() == 30U);
  is_down.clear();
  measure(100);
  const auto all = takers();
  for (std::uint64_t n = 1; n <= 140; ++n)
    BOOST_TEST(all.contains(n), "sample " << n << " is missing");
  for (const auto& [n, who] : all) BOOST_TEST(who.size() == 1U);
  BOOST_TEST((all.at(140) == std::set<std::string>{"a"}));
  BOOST_TEST(cursor() == 140U);
}

BOOST_AUTO_TEST_CASE(credentials_go_only_to_whom_they_belong) {
  start();
  is_down = {"a"};
  measure(3);
  for (const auto& request : http.requests) {
    const std::set<std::string> headers{request.headers.begin(), request.headers.end()};
    const bool to_a = request.url == "http://a/batch";
    BOOST_TEST(headers.contains("Authorization: Bearer secret") == to_a);
    BOOST_TEST(headers.contains("Authorization: Bearer other") == !to_a);
  }
}

BOOST_AUTO_TEST_CASE(refused_credentials_and_redirects_are_reasons_to_go_to_the_next) {
  for (const int code : {401, 302, 404, 503, 429}) {
    is_down = {"a"};
    down = status(code);
    if (code == 401) start();
    const auto before = taken["b"].size();
    measure(2);
    BOOST_TEST(taken["b"].size() > before, code);
  }
  BOOST_TEST(taken["a"].empty());
}

BOOST_AUTO_TEST_CASE(with_all_of_them_down_it_waits_and_loses_nothing) {
  is_down = {"a", "b"};
  start();
  measure(60);
  BOOST_TEST(cursor() == 0U);
  // Both are tried in each round, and rounds come ever more seldom.
  BOOST_TEST(http.requests.size() < 60U);
  is_down = {"a"};
  time.advance(120s, 100ms);
  measure(5);
  const auto all = takers();
  BOOST_TEST(all.size() == 65U);
  BOOST_TEST(cursor() == 65U);
  BOOST_TEST(kept.dead_letters.empty());
}

BOOST_AUTO_TEST_CASE(a_sample_that_is_refused_is_set_aside_and_not_tried_elsewhere) {
  http.script = [this](const http_request& request) {
    const std::string to = request.url.substr(7, 1);
    if (request.body->find("{\"n\":3}") != std::string::npos) return status(400);
    taken[to].push_back(*request.body);
    return status(202);
  };
  start();
  measure(6);
  BOOST_REQUIRE(kept.dead_letters.size() == 1U);
  BOOST_TEST(kept.dead_letters.front().endpoint == "pair");
  BOOST_TEST(kept.dead_letters.front().refused.sequence == 3U);
  BOOST_TEST(taken["b"].empty());
  BOOST_TEST(takers().size() == 5U);
}

BOOST_AUTO_TEST_CASE(each_member_has_a_budget_of_its_own) {
  start();
  is_down = {"a"};
  measure(2);
  BOOST_REQUIRE(permits.size() >= 3U);
  BOOST_TEST(permits[0].endpoint == "a");
  BOOST_TEST(permits[1].endpoint == "b");
  BOOST_TEST(given_back == static_cast<int>(permits.size()));
}

BOOST_AUTO_TEST_CASE(a_thinned_stream_gets_one_in_so_many_and_its_cursor_follows) {
  settings.stride = 5;
  start();
  measure(23);
  const auto all = takers();
  BOOST_TEST(all.size() == 4U);
  for (const std::uint64_t n : {5U, 10U, 15U, 20U}) BOOST_TEST(all.contains(n));
  BOOST_TEST(cursor() == 23U);
}

BOOST_AUTO_TEST_CASE(a_bad_sample_is_found_in_a_thinned_stream) {
  settings.stride = 5;
  is_down = {"a", "b"};
  start();
  measure(60);
  is_down.clear();
  http.script = [this](const http_request& request) {
    if (request.body->find("{\"n\":35}") != std::string::npos) return status(400);
    taken[request.url.substr(7, 1)].push_back(*request.body);
    return status(202);
  };
  time.advance(300s, 100ms);
  BOOST_REQUIRE(kept.dead_letters.size() == 1U);
  BOOST_TEST(kept.dead_letters.front().refused.sequence == 35U);
  const auto all = takers();
  BOOST_TEST(all.size() == 11U);
  BOOST_TEST(cursor() == 60U);
}

BOOST_AUTO_TEST_SUITE_END()
