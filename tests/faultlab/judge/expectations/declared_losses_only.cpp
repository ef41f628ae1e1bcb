#include "actors/text/quoted.hpp"
#include "tests/faultlab/judge/expectation.hpp"
#include "tests/faultlab/judge/findings.hpp"
#include "tests/faultlab/judge/sightings.hpp"

#include <algorithm>
#include <set>

#include <spdlog/fmt/fmt.h>

namespace reflector::faultlab {
namespace {

std::vector<std::string> split(const std::string& list) {
  std::vector<std::string> words;
  for (std::size_t at = 0; at <= list.size();) {
    const auto comma = std::min(list.find(',', at), list.size());
    auto word = list.substr(at, comma - at);
    word.erase(0, std::min(word.find_first_not_of(' '), word.size()));
    word.erase(word.find_last_not_of(' ') + 1);
    if (!word.empty()) words.push_back(std::move(word));
    at = comma + 1;
  }
  return words;
}

verdict check(const run_record& run, const settings& values) {
  findings found{"declared_losses_only"};
  const auto allowed = split(values.text("reasons"));
  std::set<std::string> seen;
  const auto look = [&](const lost_range& lost, const std::string& who) {
    // The same range stands in each sample until it was acknowledged.
    const auto text =
        fmt::format("{}: {} lost, {}", who, in_words({lost.from, lost.to}), quoted(lost.reason));
    if (!seen.insert(text).second) return;
    const bool fine = std::any_of(allowed.begin(), allowed.end(), [&](const auto& reason) {
      return lost.reason.find(reason) != std::string::npos;
    });
    if (!fine) found.against(text);
  };
  for (const auto& endpoint : run.endpoints)
    for (const auto& sample : endpoint.stored) {
      if (!sample.agent_id.empty()) found.in_favour();
      for (const auto& lost : sample.lost) look(lost, sample.host + " at " + endpoint.name);
    }
  for (const auto& agent : run.agents)
    if (agent.books)
      for (const auto& lost : agent.books->lost) look(lost, agent.name + "'s books");
  return found.judged("losses were declared for a reason that isn't allowed here",
                      seen.empty()
                          ? "no loss was declared"
                          : fmt::format("{} declared losses, all for allowed reasons", seen.size()),
                      "no agent that declares losses was seen");
}

}  // namespace

expectation_kind declared_losses_only() {
  return {"declared_losses_only",
          "samples are given up for the allowed reasons alone",
          {{"reasons", setting_kind::text,
            "parts of reasons that are allowed, between commas; empty: no loss at all", ""}},
          true,
          check};
}

}  // namespace reflector::faultlab
