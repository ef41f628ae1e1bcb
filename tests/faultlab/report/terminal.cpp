#include "tests/faultlab/report/terminal.hpp"

#include "actors/text/quoted.hpp"
#include "tests/faultlab/judge/oracle.hpp"
#include "tests/faultlab/report/words.hpp"

#include <spdlog/fmt/fmt.h>

namespace reflector::faultlab {
namespace {

std::string mark(outcome what, bool colour) {
  const auto word = fmt::format("{:<9}", in_words(what));
  if (!colour) return word;
  const char* shade = what == outcome::met ? "32" : what == outcome::failed ? "1;31" : "33";
  return fmt::format("\x1b[{}m{}\x1b[0m", shade, word);
}

}  // namespace

std::string verdict_lines(const judged_run& run, bool colour) {
  const auto& record = run.record;
  auto text = fmt::format("{} {}: {}\n", mark(whole(run), colour), printable(record.scenario),
                          printable(record.title));
  if (!record.broken_off.empty()) text += "    broken off: " + printable(record.broken_off) + '\n';
  for (const auto& fault : record.faults)
    text += fmt::format("    fault     {}: {}\n", printable(fault.text), printable(effect(fault)));
  for (const auto& given : run.verdicts) {
    text += fmt::format("    {} {}: {}\n", mark(given.what, colour), given.expectation,
                        printable(given.why));
    for (const auto& line : given.details) text += "              " + printable(line) + '\n';
  }
  return text;
}

std::string summary_lines(const std::vector<judged_run>& runs, bool colour) {
  std::size_t counts[4] = {};
  std::string again;
  for (const auto& run : runs) {
    const auto what = whole(run);
    ++counts[static_cast<int>(what)];
    if (what != outcome::met)
      again += fmt::format("  {} {}\n", mark(what, colour), printable(run.record.repeat));
  }
  const int code = overall(runs);
  const char* verdict = code == 0   ? "All that could be run is ok."
                        : code == 1 ? "Something failed."
                                    : "Not all that was asked is shown.";
  auto text = fmt::format("\n{} runs: {} ok, {} failed, {} not shown, {} not run. {}\n",
                          runs.size(), counts[0], counts[1], counts[2], counts[3], verdict);
  if (!again.empty())
    text += "Again:\n" + again;
  else if (runs.size() == 1)
    text += "Again: " + printable(runs.front().record.repeat) + '\n';
  return text;
}

}  // namespace reflector::faultlab
