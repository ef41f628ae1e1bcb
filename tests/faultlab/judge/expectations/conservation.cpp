#include "tests/faultlab/judge/expectation.hpp"
#include "tests/faultlab/judge/findings.hpp"
#include "tests/faultlab/judge/sightings.hpp"

#include <algorithm>

#include <spdlog/fmt/fmt.h>

namespace reflector::faultlab {
namespace {

/// What the endpoint has, or was told that it will never get.
std::vector<number_range> received(const std::vector<const stored_sample*>& samples) {
  std::vector<number_range> ranges;
  for (const auto* sample : samples) {
    if (sample->sequence > 0) ranges.emplace_back(sample->sequence, sample->sequence);
    for (const auto& lost : sample->lost) ranges.emplace_back(lost.from, lost.to);
  }
  return ranges;
}

std::uint64_t newest(const std::vector<const stored_sample*>& samples) {
  std::uint64_t number = 0;
  for (const auto* sample : samples) number = std::max(number, sample->sequence);
  return number;
}

void judge_by_books(const agent_books& books, const std::string& place,
                    const endpoint_record& endpoint,
                    const std::vector<const stored_sample*>& samples, findings& found) {
  for (const auto* sample : first_storings(samples))
    if (sample->sequence > books.last_sequence)
      found.against(fmt::format("{}: {} was stored, the newest committed sample is {}", place,
                                sample->sequence, books.last_sequence));
  const auto kept = books.endpoints.find(endpoint.name);
  const endpoint_books mine = kept == books.endpoints.end() ? endpoint_books{} : kept->second;
  auto ranges = received(samples);
  for (const auto number : mine.dead_letters) ranges.emplace_back(number, number);
  for (const auto& lost : books.lost) ranges.emplace_back(lost.from, lost.to);
  std::uint64_t held = 0;  // neither here nor given up, and not acknowledged: must be waiting
  for (auto [from, to] : uncovered(std::move(ranges), books.last_sequence)) {
    if (from <= mine.acknowledged)
      found.against(fmt::format("{}: {} missing, acknowledged up to {}", place,
                                in_words({from, std::min(to, mine.acknowledged)}),
                                mine.acknowledged));
    if (to > mine.acknowledged) held += to - std::max(from - 1, mine.acknowledged);
  }
  if (held > mine.waiting)
    found.against(fmt::format("{}: {} samples beyond {} did not arrive, and {} wait", place, held,
                              mine.acknowledged, mine.waiting));
  found.in_favour(books.last_sequence);
}

/// Without books a hole below the newest number may still be a dead letter, if anything was
/// refused; else it is a loss.
void judge_by_numbers(const run_record& run, const std::string& place,
                      const endpoint_record& endpoint,
                      const std::vector<const stored_sample*>& samples, findings& found) {
  const bool refused = std::any_of(run.faults.begin(), run.faults.end(), [&](const auto& fault) {
    return (fault.kind == "poison" || fault.kind == "status") && concerns(fault, endpoint.name);
  });
  if (refused) return;
  for (const auto& hole : uncovered(received(samples), newest(samples)))
    found.against(place + ": " + in_words(hole) + " missing, and later ones arrived");
}

verdict check(const run_record& run, const settings&) {
  findings found{"conservation"};
  for (const auto& agent : run.agents) {
    for (const auto& endpoint : run.endpoints) {
      const auto place = agent.name + " at " + endpoint.name;
      const auto own = samples_of(endpoint, agent);
      if (agent.books) {
        judge_by_books(*agent.books, place, endpoint, own, found);
        // Another identity of the same host has no books any more.
        for (const auto& [id, samples] : samples_by_agent(endpoint))
          if (samples.front()->host == agent.name && id != agent.books->agent_id)
            judge_by_numbers(run, place + " as " + id, endpoint, samples, found);
      } else {
        if (newest(own) > 0) judge_by_numbers(run, place, endpoint, own, found);
        found.unseen(agent.name + " keeps no books that could be read: " + agent.books_problem);
      }
    }
  }
  return found.judged("times samples are not accounted for",
                      fmt::format("each of {} samples is at its receiver, waits, or was given up "
                                  "openly (counted per endpoint)",
                                  found.favourable()),
                      "no agent committed a sample");
}

}  // namespace

expectation_kind conservation() {
  return {"conservation",
          "every committed sample is stored, waits, was declared lost or is a dead letter",
          {},
          true,
          check};
}

}  // namespace reflector::faultlab
