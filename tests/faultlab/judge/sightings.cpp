#include "tests/faultlab/judge/sightings.hpp"

#include <algorithm>
#include <set>

#include <spdlog/fmt/fmt.h>

namespace reflector::faultlab {

std::map<std::string, std::vector<const stored_sample*>> samples_by_agent(
    const endpoint_record& endpoint) {
  std::map<std::string, std::vector<const stored_sample*>> found;
  for (const auto& sample : endpoint.stored)
    if (!sample.agent_id.empty() && sample.sequence > 0) found[sample.agent_id].push_back(&sample);
  return found;
}

std::vector<const stored_sample*> samples_of(const endpoint_record& endpoint,
                                             const agent_record& agent) {
  std::vector<const stored_sample*> found;
  for (const auto& sample : endpoint.stored) {
    const bool own = agent.books && !agent.books->agent_id.empty() && !sample.agent_id.empty()
                         ? sample.agent_id == agent.books->agent_id
                         : sample.host == agent.name;
    if (own) found.push_back(&sample);
  }
  return found;
}

std::vector<const stored_sample*> first_storings(const std::vector<const stored_sample*>& samples) {
  std::vector<const stored_sample*> first;
  std::set<std::pair<std::string_view, std::uint64_t>> seen;
  for (const auto* sample : samples)
    if (sample->sequence == 0 || seen.emplace(sample->agent_id, sample->sequence).second)
      first.push_back(sample);
  return first;
}

std::vector<number_range> uncovered(std::vector<number_range> covered, std::uint64_t last) {
  std::sort(covered.begin(), covered.end());
  std::vector<number_range> missing;
  std::uint64_t next = 1;
  for (const auto& [from, to] : covered) {
    if (next > last) break;
    if (from > next) missing.emplace_back(next, std::min(from - 1, last));
    if (to == UINT64_MAX) return missing;
    next = std::max(next, to + 1);
  }
  if (next <= last) missing.emplace_back(next, last);
  return missing;
}

std::string in_words(const number_range& range) {
  return range.first == range.second ? std::to_string(range.first)
                                     : fmt::format("{} to {}", range.first, range.second);
}

std::string seconds(double s) {
  return fmt::format("{:.2f} s", s);
}

bool ended_by_fault(const run_record& run, double at_s) {
  for (const auto& fault : run.faults) {
    if (!fault.ends_agents) continue;
    for (const auto& [from, to] : fault.intervals)
      if (at_s >= from - 0.1 && at_s <= to + 1) return true;
  }
  return false;
}

bool concerns(const fault_record& fault, const std::string& endpoint) {
  return fault.endpoint.empty() || fault.endpoint == endpoint;
}

}  // namespace reflector::faultlab
