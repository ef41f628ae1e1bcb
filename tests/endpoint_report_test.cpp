#include "actors/deliver/endpoint_report.hpp"

#include "actors/observe/status_board.hpp"

#include <boost/test/unit_test.hpp>

using namespace reflector;
using namespace std::chrono_literals;

namespace {

const monotonic_time now = monotonic_time{} + 1000h;

struct reported {
  status_board board;
  endpoint_report report{&board, "ego", "ego"};

  agent_status::endpoint shown() const { return board.snapshot(now, {}).endpoints.at(0); }
};

}  // namespace

BOOST_AUTO_TEST_CASE(an_endpoint_is_there_before_anything_was_sent) {
  const reported it;
  BOOST_TEST(it.shown().said.name == "ego");
  BOOST_TEST((it.shown().said.state == endpoint_state::unknown));
  BOOST_TEST(it.shown().totals.requests == 0U);
}

BOOST_AUTO_TEST_CASE(what_is_accepted_is_counted_and_makes_it_well) {
  reported it;
  it.report.sending(now);
  it.report.answered(verdict::accepted, 100, "HTTP 200 `{}`", now + 5ms);
  it.report.goes_on(breaker_state::closed, std::nullopt);
  const auto shown = it.shown();
  BOOST_TEST((shown.said.state == endpoint_state::well));
  BOOST_TEST(shown.totals.samples == 100U);
  BOOST_TEST(shown.totals.requests == 1U);
  BOOST_TEST((shown.said.last_success_at == now + 5ms));
  BOOST_TEST(!shown.said.next_attempt);
}

BOOST_AUTO_TEST_CASE(failures_add_up_and_the_probe_is_seen_until_something_is_accepted) {
  reported it;
  for (unsigned i = 1; i <= 5; ++i) {
    it.report.sending(now);
    it.report.answered(verdict::retry, 100, "timed out", now);
    it.report.goes_on(i == 5 ? breaker_state::open : breaker_state::closed, now + 3s);
    BOOST_TEST(it.shown().said.failures_in_a_row == i);
  }
  auto said = it.shown().said;
  BOOST_TEST((said.state == endpoint_state::retrying && said.breaker == breaker_state::open));
  BOOST_TEST((said.next_attempt == now + 3s));
  BOOST_TEST(said.last_answer == "timed out");
  it.report.sending(now + 3s);
  said = it.shown().said;
  BOOST_TEST((said.breaker == breaker_state::half_open && !said.next_attempt));
  it.report.answered(verdict::hold, 1, "HTTP 401", now + 3s);
  it.report.goes_on(breaker_state::open, now + 9s);
  BOOST_TEST((it.shown().said.state == endpoint_state::held));
  it.report.answered(verdict::accepted, 1, "HTTP 200", now + 9s);
  it.report.goes_on(breaker_state::closed, std::nullopt);
  said = it.shown().said;
  BOOST_TEST((said.state == endpoint_state::well && said.failures_in_a_row == 0U));
  BOOST_TEST(it.shown().totals.samples == 1U);
}

BOOST_AUTO_TEST_CASE(a_refusal_is_told_from_an_outage_and_dead_letters_are_counted) {
  reported it;
  it.report.answered(verdict::refused, 1, "HTTP 400", now);
  it.report.goes_on(breaker_state::closed, std::nullopt);
  it.report.set_aside();
  BOOST_TEST((it.shown().said.state == endpoint_state::refusing));
  BOOST_TEST(it.shown().totals.dead_letters == 1U);
}

BOOST_AUTO_TEST_CASE(without_a_board_nothing_happens) {
  endpoint_report report{nullptr, "ego", "ego"};
  report.sending(now);
  report.answered(verdict::accepted, 1, "HTTP 200", now);
  report.set_aside();
  report.goes_on(breaker_state::closed, std::nullopt);
}
