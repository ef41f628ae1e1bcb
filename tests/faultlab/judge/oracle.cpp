#include "tests/faultlab/judge/oracle.hpp"

#include "actors/text/quoted.hpp"

#include <algorithm>

#include <spdlog/fmt/fmt.h>

namespace reflector::faultlab {
namespace {

void weaken(verdict& given, outcome what, const std::string& why) {
  given.why = why + "; seen was: " + given.why;
  given.what = what;
}

std::string named(const fault_record& fault) {
  return quoted(fault.text.empty() ? fault.kind : fault.text, 120);
}

/// Weighs the faults of a run for an expectation that was met.
void weigh_faults(verdict& given, const run_record& run, const scenario& plan) {
  for (const auto& fault : run.faults)
    if (fault.not_run.empty() && fault.fired == 0)
      return weaken(given, outcome::not_shown, "the fault " + named(fault) + " never fired");
  if (run.faults.size() < plan.faults.size())
    return weaken(given, outcome::not_shown,
                  fmt::format("{} of {} planned faults never came up",
                              plan.faults.size() - run.faults.size(), plan.faults.size()));
  for (const auto& fault : run.faults)
    if (!fault.not_run.empty())
      return weaken(given, outcome::not_run,
                    "the fault " + named(fault) + " was not run: " + fault.not_run);
}

}  // namespace

std::vector<verdict> judge(const run_record& run, const scenario& plan) {
  std::vector<verdict> verdicts;
  for (const auto& expected : plan.expectations) {
    auto given = expected.kind->check(run, expected.values);
    if (given.what != outcome::failed && !run.broken_off.empty())
      weaken(given, outcome::not_shown, "the run was broken off: " + run.broken_off);
    else if (given.what == outcome::met && expected.kind->needs_faults)
      weigh_faults(given, run, plan);
    verdicts.push_back(std::move(given));
  }
  return verdicts;
}

int overall(const std::vector<verdict>& verdicts) {
  bool met = false, open = false;
  for (const auto& given : verdicts) {
    if (given.what == outcome::failed) return 1;
    met = met || given.what == outcome::met;
    open = open || given.what == outcome::not_shown;
  }
  return met && !open ? 0 : 2;
}

int overall(const std::vector<judged_run>& runs) {
  std::vector<verdict> all;
  bool one_is_whole = false;
  for (const auto& run : runs) {
    all.insert(all.end(), run.verdicts.begin(), run.verdicts.end());
    one_is_whole = one_is_whole ||
                   std::all_of(run.verdicts.begin(), run.verdicts.end(),
                               [](const verdict& given) { return given.what == outcome::met; });
  }
  const int code = overall(all);
  return code == 0 && !one_is_whole ? 2 : code;
}

}  // namespace reflector::faultlab
