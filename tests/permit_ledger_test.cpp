#include "actors/supervise/permit_ledger.hpp"

#include <random>

#include <boost/test/unit_test.hpp>

using namespace reflector;
using namespace std::chrono_literals;

namespace {

const monotonic_time start{};

limits_config wide() {
  limits_config limits;
  limits.requests_per_second = 1e6;
  limits.request_burst = 1000;
  limits.samples_per_second = 1e6;
  limits.bytes_per_second = 1'000'000'000;
  limits.concurrent_requests = 1000;
  limits.drain_share = 1;
  return limits;
}

permit_request of(std::size_t samples, std::size_t bytes = 1, bool backlog = false) {
  permit_request asked{budget::request, {}, samples, bytes};
  asked.backlog = backlog;
  return asked;
}

/// Asks and is answered at once.
std::chrono::nanoseconds wait_for(permit_ledger& ledger, const permit_request& asked,
                                  monotonic_time now) {
  const auto mine = ledger.ask(asked, 1, now);
  for (const auto& [ticket, wait] : ledger.granted(now))
    if (ticket == mine) return wait;
  return -1ns;
}

}  // namespace

BOOST_AUTO_TEST_CASE(all_endpoints_share_the_agents_rates) {
  auto limits = wide();
  limits.samples_per_second = 100;
  permit_ledger by_samples{
      limits, {{"a", {1000, 1e6, 1 << 30}}, {"b", {1000, 1e6, 1 << 30}}}, start};
  auto asked = of(100);
  asked.endpoint = "a";
  BOOST_TEST(wait_for(by_samples, asked, start).count() == 0);
  asked.endpoint = "b";
  BOOST_TEST((wait_for(by_samples, asked, start) == 1s));

  limits = wide();
  limits.bytes_per_second = 1000;
  permit_ledger by_bytes{limits, {}, start};
  BOOST_TEST(wait_for(by_bytes, of(1, 1000), start).count() == 0);
  BOOST_TEST((wait_for(by_bytes, of(1, 500), start) == 500ms));
}

BOOST_AUTO_TEST_CASE(a_command_takes_no_place_and_no_request) {
  auto limits = wide();
  limits.concurrent_requests = 1;
  limits.commands_per_minute = 60;
  permit_ledger ledger{limits, {}, start};
  BOOST_TEST(wait_for(ledger, of(1), start).count() == 0);
  for (int i = 0; i < 6; ++i) BOOST_TEST(wait_for(ledger, {budget::command}, start).count() == 0);
  BOOST_TEST((wait_for(ledger, {budget::command}, start) == 1s));
  BOOST_TEST(wait_for(ledger, of(1), start).count() == -1);
}

BOOST_AUTO_TEST_CASE(a_backlog_leaves_the_rest_to_live_samples) {
  auto limits = wide();
  limits.samples_per_second = 100;
  limits.drain_share = 0.5;
  permit_ledger ledger{limits, {}, start};
  auto now = start;
  std::size_t drained = 0;
  std::chrono::nanoseconds longest_live{0};
  auto drain_at = start;
  // One endpoint drains as fast as it may, another has a live sample each 100 ms.
  for (; now < start + 100s; now += 100ms) {
    while (drain_at <= now) {
      drain_at = now + wait_for(ledger, of(10, 1, true), now);
      drained += 10;
      if (drain_at == now) continue;
    }
    longest_live = std::max(longest_live, wait_for(ledger, of(1), now));
  }
  BOOST_TEST(drained >= 4500U);
  BOOST_TEST(drained <= 5100U);
  BOOST_TEST((longest_live == 0ns));
}

BOOST_AUTO_TEST_CASE(without_a_drain_share_the_live_samples_would_wait) {
  auto limits = wide();
  limits.samples_per_second = 100;
  permit_ledger ledger{limits, {}, start};
  auto now = start;
  auto drain_at = start;
  std::chrono::nanoseconds longest_live{0};
  for (; now < start + 20s; now += 100ms) {
    while (drain_at <= now) drain_at = now + wait_for(ledger, of(10, 1, true), now);
    longest_live = std::max(longest_live, wait_for(ledger, of(1), now));
  }
  BOOST_TEST((longest_live > 50ms));
}

BOOST_AUTO_TEST_CASE(who_finds_no_place_waits_in_line_until_one_is_given_back) {
  auto limits = wide();
  limits.concurrent_requests = 2;
  permit_ledger ledger{limits, {}, start};
  ledger.ask(of(1), 1, start);
  ledger.ask(of(1), 2, start);
  const auto third = ledger.ask(of(1), 3, start);
  const auto fourth = ledger.ask(of(1), 4, start);
  BOOST_TEST(ledger.granted(start).size() == 2U);
  BOOST_TEST(ledger.state(start).waiting == 2U);
  BOOST_TEST(ledger.granted(start + 1s).empty());
  ledger.give_back(2);
  auto now_given = ledger.granted(start + 1s);
  BOOST_REQUIRE(now_given.size() == 1U);
  BOOST_TEST(now_given[0].first == third);
  ledger.give_back(99);  // has none
  BOOST_TEST(ledger.granted(start + 1s).empty());
  ledger.give_back(3);
  now_given = ledger.granted(start + 1s);
  BOOST_REQUIRE(now_given.size() == 1U);
  BOOST_TEST(now_given[0].first == fourth);
  BOOST_TEST(ledger.state(start + 1s).in_flight == 2U);
}

BOOST_AUTO_TEST_CASE(a_place_that_is_never_given_back_is_free_after_the_requests_own_time_out) {
  auto limits = wide();
  limits.concurrent_requests = 1;
  permit_ledger ledger{limits, {}, start};
  auto asked = of(1);
  asked.longest = 5s;
  ledger.ask(asked, 1, start);
  ledger.granted(start);
  BOOST_TEST(!ledger.next_expiry().has_value());
  ledger.ask(asked, 2, start);
  ledger.gone(1);  // the asker has died; what it sent may still be on its way
  BOOST_TEST(ledger.granted(start + 5s).empty());
  BOOST_REQUIRE(ledger.next_expiry().has_value());
  BOOST_TEST((*ledger.next_expiry() == start + 5s + permit_ledger::grace));
  BOOST_TEST(ledger.granted(*ledger.next_expiry()).size() == 1U);
  BOOST_TEST(ledger.state(start).reclaimed == 1U);
}

BOOST_AUTO_TEST_CASE(one_that_has_died_in_line_takes_no_place) {
  auto limits = wide();
  limits.concurrent_requests = 1;
  permit_ledger ledger{limits, {}, start};
  ledger.ask(of(1), 1, start);
  ledger.granted(start);
  ledger.ask(of(1), 2, start);
  const auto living = ledger.ask(of(1), 3, start);
  ledger.gone(2);
  ledger.give_back(1);
  const auto given = ledger.granted(start);
  BOOST_REQUIRE(given.size() == 1U);
  BOOST_TEST(given[0].first == living);
}

BOOST_AUTO_TEST_CASE(a_permit_for_much_later_holds_up_nobody_before_it) {
  auto limits = wide();
  limits.concurrent_requests = 1;
  permit_ledger ledger{limits, {{"slow", {0.01, 1e6, 1 << 30}}}, start};
  auto slow = of(1);
  slow.endpoint = "slow";
  BOOST_TEST(wait_for(ledger, slow, start).count() == 0);
  ledger.give_back(1);
  BOOST_TEST((wait_for(ledger, slow, start) == 100s));
  for (int i = 0; i < 5; ++i) {
    BOOST_TEST(wait_for(ledger, of(1), start + i * 1s).count() == 0);
    // This one's place, not the one of the permit that is still to come.
    ledger.give_back(1);
  }
}

BOOST_AUTO_TEST_CASE(never_more_at_once_than_allowed_whatever_happens) {
  auto limits = wide();
  limits.concurrent_requests = 3;
  permit_ledger ledger{limits, {}, start};
  std::mt19937 random{7};
  auto now = start;
  std::map<permit_ledger::ticket, std::uint64_t> asker_of;
  std::map<std::uint64_t, int> on_their_way;
  std::size_t given = 0;
  for (int step = 0; step < 20'000; ++step) {
    now += std::chrono::milliseconds{random() % 50};
    const std::uint64_t asker = random() % 8;
    if (random() % 2 == 0 && ledger.state(now).waiting < 20) {
      asker_of[ledger.ask(of(1), asker, now)] = asker;
    } else if (on_their_way[asker] > 0) {
      ledger.give_back(asker);
      --on_their_way[asker];
    }
    for (const auto& [ticket, wait] : ledger.granted(now)) {
      BOOST_REQUIRE(asker_of.count(ticket) == 1U);
      ++on_their_way[asker_of[ticket]];
      asker_of.erase(ticket);
      ++given;
    }
    BOOST_REQUIRE(ledger.state(now).in_flight <= 3U);
  }
  BOOST_TEST(given > 3000U);
}
