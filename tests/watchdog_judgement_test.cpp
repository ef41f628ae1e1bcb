#include "actors/observe/watchdog_judgement.hpp"

#include <boost/test/unit_test.hpp>

using namespace reflector;
using namespace std::chrono_literals;

namespace {

const monotonic_time now = monotonic_time{} + 1000h;

/// All is as it should be; the next tick is due in 3 s.
progress_marks::reading well() {
  return {now + 3s, now + 3s, std::nullopt, true};
}

std::string stands(const progress_marks::reading& marks) {
  return stalled(marks, now).value_or("");
}

}  // namespace

BOOST_AUTO_TEST_CASE(while_everything_goes_on_nothing_stands) {
  BOOST_TEST(stands(well()) == "");
  auto marks = well();
  marks.supervisor_due = marks.tick_due = now - 10s;  // late, on a machine that is busy
  marks.spool_busy_since = now - 10min;
  BOOST_TEST(stands(marks) == "");
  marks.tick_due = now + 1h;  // the longest interval
  BOOST_TEST(stands(marks) == "");
  BOOST_TEST(stands({}) == "");  // nothing has begun
}

BOOST_AUTO_TEST_CASE(a_scheduler_that_stands_still_is_seen_within_seconds) {
  auto marks = well();
  marks.supervisor_due = now - 10s - 1ms;
  BOOST_TEST(stands(marks) == "the supervisor is late by 10 s");
}

BOOST_AUTO_TEST_CASE(a_supervisor_that_lives_and_issues_no_ticks_is_seen) {
  auto marks = well();
  marks.tick_due = now - 61s;
  BOOST_TEST(stands(marks) == "a tick is late by 61 s");
}

BOOST_AUTO_TEST_CASE(a_disk_that_stands_still_is_waited_for_but_not_for_ever) {
  auto marks = well();
  for (const auto frozen : {1s, 60s, 300s, 600s}) {
    marks.spool_busy_since = now - frozen;
    BOOST_TEST(stands(marks) == "");
  }
  marks.spool_busy_since = now - 601s;
  BOOST_TEST(stands(marks) == "the spool waits for its disk for 601 s");
}

BOOST_AUTO_TEST_CASE(it_has_started_when_the_actors_have_and_the_spool_is_known) {
  BOOST_TEST(has_started(well(), now));
  auto marks = well();
  marks.tick_due.reset();
  BOOST_TEST(!has_started(marks, now));
  marks = well();
  marks.supervisor_due.reset();
  BOOST_TEST(!has_started(marks, now));
  marks = well();
  marks.spool_known = false;
  BOOST_TEST(!has_started(marks, now));
  marks.spool_busy_since = now - 9s;  // it is being opened
  BOOST_TEST(!has_started(marks, now));
  marks.spool_busy_since = now - 11s;  // for so long that the disk must stand still
  BOOST_TEST(has_started(marks, now));
}
