#include "tests/faultlab/report/words.hpp"

#include <algorithm>

#include <spdlog/fmt/fmt.h>

namespace reflector::faultlab {

std::string in_words(outcome what) {
  switch (what) {
    case outcome::met:
      return "ok";
    case outcome::failed:
      return "FAILED";
    case outcome::not_shown:
      return "not shown";
    case outcome::not_run:
      return "not run";
  }
  return {};
}

std::size_t count_of(const judged_run& run, outcome what) {
  return static_cast<std::size_t>(
      std::count_if(run.verdicts.begin(), run.verdicts.end(),
                    [&](const auto& given) { return given.what == what; }));
}

outcome whole(const judged_run& run) {
  if (count_of(run, outcome::failed) > 0) return outcome::failed;
  if (count_of(run, outcome::not_shown) > 0 || run.verdicts.empty()) return outcome::not_shown;
  return count_of(run, outcome::not_run) > 0 ? outcome::not_run : outcome::met;
}

std::string tally(const judged_run& run) {
  std::string text;
  for (const auto what : {outcome::met, outcome::failed, outcome::not_shown, outcome::not_run})
    if (const auto count = count_of(run, what); count > 0)
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, in_words(what));
  return text.empty() ? "nothing expected" : text;
}

std::vector<std::pair<std::string, std::string>> particulars(const run_record& run) {
  std::vector<std::pair<std::string, std::string>> all{
      {"seed", std::to_string(run.seed)},
      {"repeat", run.repeat},
      {"lab version", run.lab_version},
      {"agent", run.agent_kind},
      {"agent version", run.agent_version},
      {"agent sha256", run.agent_sha256},
      {"configuration sha256", run.configuration_sha256}};
  std::erase_if(all, [](const auto& each) { return each.second.empty(); });
  return all;
}

std::string effect(const fault_record& fault) {
  if (!fault.not_run.empty()) return "not run: " + fault.not_run;
  if (fault.fired == 0) return "never fired";
  return fault.fired == 1 ? "fired once" : fmt::format("fired {} times", fault.fired);
}

}  // namespace reflector::faultlab
