#include "tests/faultlab/report/junit.hpp"

#include "tests/faultlab/report/escape.hpp"
#include "tests/faultlab/report/words.hpp"

#include <spdlog/fmt/fmt.h>

namespace reflector::faultlab {
namespace {

std::string test_case(const run_record& run, const verdict& given) {
  auto text = fmt::format("    <testcase classname=\"faultlab.{}\" name=\"{}\" time=\"0\"",
                          markup(run.scenario), markup(given.expectation));
  if (given.what == outcome::met) return text + "/>\n";
  std::string details = given.why;
  for (const auto& line : given.details) details += '\n' + line;
  if (given.what == outcome::failed)
    text += fmt::format(">\n      <failure message=\"{}\">{}</failure>", markup(given.why),
                        markup(details));
  else
    text += fmt::format(">\n      <skipped message=\"{}: {}\"/>", in_words(given.what),
                        markup(given.why));
  return text + "\n    </testcase>\n";
}

std::string suite(const judged_run& run) {
  const auto& record = run.record;
  const auto of = [&](outcome what) { return count_of(run, what); };
  auto text = fmt::format(
      "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\" "
      "time=\"{:.3f}\">\n    <properties>\n",
      markup(record.scenario), run.verdicts.size(), of(outcome::failed),
      of(outcome::not_run) + of(outcome::not_shown), record.ended_s);
  for (const auto& [name, value] : particulars(record))
    text += fmt::format("      <property name=\"{}\" value=\"{}\"/>\n", name, markup(value));
  text += "    </properties>\n";
  for (const auto& given : run.verdicts) text += test_case(record, given);
  return text + "  </testsuite>\n";
}

}  // namespace

std::string junit_xml(const std::vector<judged_run>& runs) {
  std::string text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"faultlab\">\n";
  for (const auto& run : runs) text += suite(run);
  return text + "</testsuites>\n";
}

}  // namespace reflector::faultlab
