#include "actors/deliver/spool_report.hpp"

#include "actors/observe/status_board.hpp"

#include <boost/test/unit_test.hpp>

using namespace reflector;
using namespace std::chrono_literals;

namespace {

const monotonic_time now = monotonic_time{} + 1000h;

/// Says what the test wants it to.
struct scripted_spool final : spool {
  spool_facts said;
  std::uint64_t last = 0;

  void append(const std::vector<record>&) override {}
  record_slice hand_out(const std::string&, std::size_t, std::size_t) override { return {}; }
  void acknowledge(const std::string&, std::uint64_t) override {}
  bool set_aside(const dead_letter&) override { return false; }
  void configure(const configuration&) override {}
  void retry() override {}
  bool needs_retry() const override { return false; }
  std::uint64_t last_sequence() const override { return last; }
  std::vector<lost_range> lost() const override { return {}; }
  spool_facts facts() const override { return said; }
};

record_slice slice_from(std::uint64_t sequence, const std::string& json) {
  return {{{sequence, std::make_shared<const std::string>(json), nullptr}}, false};
}

struct reported {
  status_board board;
  spool_report report{&board};
  scripted_spool kept;

  agent_status shown() {
    report.now_is(kept);
    return board.snapshot(now, {});
  }
  waiting_status waiting(const std::string& endpoint) {
    for (const auto& each : shown().endpoints)
      if (each.waiting.endpoint == endpoint) return each.waiting;
    return {};
  }
};

}  // namespace

BOOST_AUTO_TEST_CASE(what_waits_is_what_lies_between_a_cursor_and_the_newest) {
  reported it;
  it.kept.last = 100;
  it.kept.said = {{{"ego", 90}, {"file", 100}}, 2, 4096, 3, true};
  it.report.handed_out("ego", slice_from(91, R"({"timestamp":"2026-11-23T23:40:41.222Z"})"));
  BOOST_TEST(it.waiting("ego").count == 10U);
  BOOST_TEST(it.waiting("ego").oldest == 91U);
  BOOST_REQUIRE(it.waiting("ego").since);
  BOOST_TEST((it.waiting("ego").since->time_since_epoch() % 24h == 23h + 40min + 41s + 222ms));
  BOOST_TEST(it.waiting("file").count == 0U);
  BOOST_TEST(it.waiting("file").oldest == 0U);
  const auto spool = it.shown().spool;
  BOOST_REQUIRE(spool);
  BOOST_TEST((spool->open && spool->failing));
  BOOST_TEST(spool->segments == 2U);
  BOOST_TEST(spool->segment_bytes == 4096U);
  BOOST_TEST(spool->held_in_memory == 3U);
  BOOST_TEST(spool->last_sequence == 100U);
}

BOOST_AUTO_TEST_CASE(the_age_of_a_sample_is_not_that_of_another) {
  reported it;
  it.kept.last = 100;
  it.kept.said.endpoints = {{"ego", 90}};
  it.report.handed_out("ego", slice_from(91, R"({"timestamp":"2026-11-23T23:40:41Z"})"));
  it.kept.said.endpoints = {{"ego", 95}};  // some were given up
  BOOST_TEST(it.waiting("ego").oldest == 96U);
  BOOST_TEST(!it.waiting("ego").since);
}

BOOST_AUTO_TEST_CASE(a_sample_without_a_timestamp_has_no_age) {
  for (const char* json :
       {"", "{}", "[1]", R"({"timestamp":7})", R"({"timestamp":"soon"})", "\xff"}) {
    reported it;
    it.kept.last = 1;
    it.kept.said.endpoints = {{"ego", 0}};
    it.report.handed_out("ego", slice_from(1, json));
    BOOST_TEST(it.waiting("ego").count == 1U);
    BOOST_TEST(!it.waiting("ego").since, json);
  }
}

BOOST_AUTO_TEST_CASE(a_spool_that_is_not_open_says_why) {
  reported it;
  it.report.not_open("no space");
  const auto spool = it.board.snapshot(now, {}).spool;
  BOOST_REQUIRE(spool);
  BOOST_TEST((!spool->open && spool->failing));
  BOOST_TEST(spool->problem == "no space");
}

BOOST_AUTO_TEST_CASE(the_watchdog_sees_when_the_disk_is_at_work) {
  status_board board;
  const spool_report report{&board};
  BOOST_TEST(!board.progress().read().spool_known);
  {
    const auto busy = report.working(now);
    BOOST_TEST((board.progress().read().spool_busy_since == now));
    BOOST_TEST(!board.progress().read().spool_known);
  }
  BOOST_TEST(!board.progress().read().spool_busy_since);
  BOOST_TEST(board.progress().read().spool_known);
}

BOOST_AUTO_TEST_CASE(without_a_board_nothing_happens) {
  spool_report report{nullptr};
  const auto busy = report.working(now);
  report.not_open("no space");
  report.handed_out("ego", slice_from(1, "{}"));
  report.now_is(scripted_spool{});
}
