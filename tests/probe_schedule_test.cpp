#include "actors/collect/probe_schedule.hpp"

#include <string_view>
#include <vector>

#include <boost/test/unit_test.hpp>

using namespace reflector;
using namespace std::chrono_literals;

namespace {

using step = probe_schedule::step;

constexpr monotonic_time start{1h};

/// What happens at a time, and what holds right after it.
struct row {
  std::chrono::milliseconds at;
  std::string_view event;
  step next;
  bool stuck;
};

void play(const std::vector<row>& rows) {
  probe_schedule probe;
  for (const auto& each : rows) {
    const auto now = start + each.at;
    if (each.event == "asked") probe.asked();
    if (each.event == "begun") probe.begun(now);
    if (each.event == "answered") probe.answered();
    if (each.event == "lost") probe.lost(now);
    if (each.event == "ending") probe.ending();
    BOOST_TEST_CONTEXT("at " << each.at.count() << " ms, " << each.event) {
      BOOST_TEST((probe.next(now) == each.next));
      BOOST_TEST(probe.is_stuck(now) == each.stuck);
    }
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(one_that_answers_is_asked_whenever_it_is_wanted) {
  play({{0ms, "", step::ask, false},
        {0ms, "asked", step::nothing, false},
        {1ms, "begun", step::nothing, false},
        {2ms, "answered", step::ask, false},
        {5000ms, "asked", step::nothing, false}});
}

BOOST_AUTO_TEST_CASE(a_question_that_no_helper_has_taken_is_not_stuck) {
  play({{0ms, "asked", step::nothing, false},
        {3'600'000ms, "", step::nothing, false},
        {3'600'000ms, "begun", step::nothing, false},
        {3'601'999ms, "", step::nothing, false},
        {3'602'000ms, "", step::nothing, true}});
}

BOOST_AUTO_TEST_CASE(a_late_answer_makes_it_well_and_is_not_held_against_it) {
  play({{0ms, "asked", step::nothing, false},
        {0ms, "begun", step::nothing, false},
        {1999ms, "", step::nothing, false},
        {2000ms, "", step::nothing, true},
        {11'999ms, "", step::nothing, true},
        {11'999ms, "answered", step::ask, false},
        {12'000ms, "asked", step::nothing, false},
        {12'000ms, "begun", step::nothing, false},
        {14'000ms, "", step::nothing, true},
        {23'999ms, "", step::nothing, true},
        {24'000ms, "", step::end, true}});
}

BOOST_AUTO_TEST_CASE(one_that_hangs_is_asked_again_ever_more_seldom_and_never_twice_at_once) {
  play({{0ms, "asked", step::nothing, false},
        {0ms, "begun", step::nothing, false},
        {12'000ms, "", step::end, true},
        {12'000ms, "ending", step::nothing, true},
        // In the kernel, and not to be ended: nothing is asked beside it.
        {10'000'000ms, "", step::nothing, true},
        {10'000'000ms, "lost", step::ask, true},
        {10'000'000ms, "asked", step::nothing, true},
        {10'000'100ms, "begun", step::nothing, true},
        {10'022'099ms, "", step::nothing, true},
        {10'022'100ms, "", step::end, true},
        {10'022'100ms, "ending", step::nothing, true},
        // It could be ended only when the call returned: with an answer.
        {10'022'200ms, "answered", step::ask, false}});
}

BOOST_AUTO_TEST_CASE(one_whose_helper_dies_waits_and_is_not_stuck_for_that) {
  play({{0ms, "asked", step::nothing, false},
        {0ms, "begun", step::nothing, false},
        {100ms, "lost", step::nothing, false},
        {10'099ms, "", step::nothing, false},
        {10'100ms, "", step::ask, false},
        {10'100ms, "lost", step::nothing, false},
        {30'099ms, "", step::nothing, false},
        {30'100ms, "", step::ask, false}});
}

BOOST_AUTO_TEST_CASE(one_whose_helper_dies_while_it_is_stuck_stays_stuck) {
  play({{0ms, "asked", step::nothing, false},
        {0ms, "begun", step::nothing, false},
        {3000ms, "lost", step::nothing, true},
        {13'000ms, "", step::ask, true},
        {13'000ms, "asked", step::nothing, true},
        {13'000ms, "begun", step::nothing, true},
        {13'001ms, "answered", step::ask, false}});
}

BOOST_AUTO_TEST_CASE(patience_is_bounded) {
  probe_schedule probe;
  auto now = start;
  for (int i = 0; i < 100; ++i) {
    probe.asked();
    probe.begun(now);
    const auto longest = now + probe_schedule::deadline + probe_schedule::longest_patience;
    BOOST_TEST((probe.next(longest) == step::end));
    if (i > 6) BOOST_TEST((probe.next(longest - 1ms) == step::nothing));
    now = longest;
    probe.ending();
    probe.lost(now);
    BOOST_TEST((probe.next(now) == step::ask));
  }
}
