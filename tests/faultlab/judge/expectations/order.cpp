#include "tests/faultlab/judge/expectation.hpp"
#include "tests/faultlab/judge/findings.hpp"
#include "tests/faultlab/judge/sightings.hpp"

#include <algorithm>
#include <cctype>

#include <spdlog/fmt/fmt.h>

namespace reflector::faultlab {
namespace {

/// After a refusal the halves of the batch are still being tried for a while.
constexpr double bisecting_s = 10;

/// Whether the fault answers with a status for which the agent searches the bad sample.
bool refuses(const fault_record& fault) {
  if (fault.kind == "poison") return true;
  if (fault.kind != "status") return false;
  for (const std::string code : {"=400", "=413", "=422", "=500"}) {
    const auto at = fault.text.find(code);
    if (at == std::string::npos) continue;
    const auto end = at + code.size();
    if (end == fault.text.size() || std::isalnum(static_cast<unsigned char>(fault.text[end])) == 0)
      return true;
  }
  return false;
}

bool may_be_late(const run_record& run, const std::string& endpoint, double at_s) {
  for (const auto& fault : run.faults)
    if (concerns(fault, endpoint) && refuses(fault))
      for (const auto& [from, to] : fault.intervals)
        if (at_s >= from && at_s <= to + bisecting_s) return true;
  return false;
}

verdict check(const run_record& run, const settings&) {
  findings found{"order"};
  for (const auto& endpoint : run.endpoints) {
    for (const auto& [id, samples] : samples_by_agent(endpoint)) {
      std::uint64_t newest = 0;
      for (const auto* sample : first_storings(samples)) {
        if (sample->sequence < newest && !may_be_late(run, endpoint.name, sample->at_s))
          found.against(fmt::format("{}: {} of {} came at {}, after {}", endpoint.name,
                                    sample->sequence, sample->host, seconds(sample->at_s), newest));
        newest = std::max(newest, sample->sequence);
        found.in_favour();
      }
    }
  }
  return found.judged("samples came after a later one",
                      fmt::format("{} samples came in order", found.favourable()),
                      "no numbered sample was stored");
}

}  // namespace

expectation_kind order() {
  return {"order", "samples arrive oldest first (a refused one may come late)", {}, true, check};
}

}  // namespace reflector::faultlab
