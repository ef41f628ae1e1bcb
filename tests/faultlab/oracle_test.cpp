#include "tests/faultlab/judge/oracle.hpp"

#include <boost/test/unit_test.hpp>

namespace reflector::faultlab {
namespace {

/// A scenario with two faults and one expectation, which answers as told.
outcome judged(outcome answer, bool needs_faults, const run_record& run) {
  const expectation_kind kind{"it", "", {}, needs_faults, [&](const auto&, const auto&) {
                                return verdict{"it", answer, "seen", {}};
                              }};
  scenario plan;
  plan.faults.resize(2);
  plan.expectations = {{&kind, {}}};
  const auto given = judge(run, plan);
  BOOST_REQUIRE(given.size() == 1U);
  return given.front().what;
}

run_record with_faults(std::uint64_t fired, const std::string& not_run) {
  run_record run;
  run.faults.resize(2);
  run.faults[0].fired = 1;
  run.faults[1].fired = fired;
  run.faults[1].not_run = not_run;
  return run;
}

int code(std::vector<outcome> outcomes) {
  std::vector<verdict> verdicts;
  for (const auto what : outcomes) verdicts.push_back({"it", what, "", {}});
  return overall(verdicts);
}

}  // namespace

BOOST_AUTO_TEST_CASE(what_is_met_counts_only_when_its_faults_were_met) {
  using enum outcome;
  const std::tuple<run_record, outcome> cases[] = {{with_faults(1, ""), met},
                                                   {with_faults(0, ""), not_shown},
                                                   {with_faults(0, "needs root"), not_run},
                                                   {run_record{}, not_shown}};
  for (const auto& [run, expected] : cases) {
    BOOST_TEST((judged(met, true, run) == expected));
    BOOST_TEST((judged(met, false, run) == met));
    BOOST_TEST((judged(failed, true, run) == failed));
    BOOST_TEST((judged(not_shown, true, run) == not_shown));
    auto broken = run;
    broken.broken_off = "no port";
    BOOST_TEST((judged(met, false, broken) == not_shown));
    BOOST_TEST((judged(failed, false, broken) == failed));
  }
}

BOOST_AUTO_TEST_CASE(the_exit_code) {
  using enum outcome;
  BOOST_TEST(code({met, met}) == 0);
  BOOST_TEST(code({met, not_run}) == 0);
  BOOST_TEST(code({met, not_shown, failed}) == 1);
  BOOST_TEST(code({met, not_shown}) == 2);
  BOOST_TEST(code({not_run, not_run}) == 2);
  BOOST_TEST(code({}) == 2);
  const judged_run good{{}, {{"it", met, "", {}}}}, bad{{}, {{"it", failed, "", {}}}};
  const judged_run elsewhere{{}, {{"it", not_run, "", {}}}};
  BOOST_TEST(overall(std::vector<judged_run>{good, elsewhere}) == 0);
  BOOST_TEST(overall(std::vector<judged_run>{good, bad}) == 1);
  BOOST_TEST(overall(std::vector<judged_run>{elsewhere}) == 2);
}

}  // namespace reflector::faultlab
