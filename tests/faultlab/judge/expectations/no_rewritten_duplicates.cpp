#include "tests/faultlab/judge/expectation.hpp"
#include "tests/faultlab/judge/findings.hpp"

#include <unordered_map>

#include <spdlog/fmt/fmt.h>

namespace reflector::faultlab {
namespace {

verdict check(const run_record& run, const settings&) {
  findings found{"no_rewritten_duplicates"};
  std::unordered_map<std::string, std::unordered_map<std::uint64_t, std::uint64_t>> digests;
  std::uint64_t repeats = 0;
  // A sample is the same for every endpoint, so that it can be joined over receivers.
  for (const auto& endpoint : run.endpoints) {
    for (const auto& sample : endpoint.stored) {
      if (sample.agent_id.empty() || sample.sequence == 0) continue;
      const auto [first, fresh] = digests[sample.agent_id].emplace(sample.sequence, sample.digest);
      if (!fresh) ++repeats;
      if (first->second != sample.digest)
        found.against(fmt::format("{}: {} of {} came again with other bytes", endpoint.name,
                                  sample.sequence, sample.host));
      found.in_favour();
    }
  }
  return found.judged("repeated samples had other bytes than the first time",
                      fmt::format("{} samples, {} of them repeats (over all endpoints), byte for "
                                  "byte the same",
                                  found.favourable(), repeats),
                      "no numbered sample was stored");
}

}  // namespace

expectation_kind no_rewritten_duplicates() {
  return {"no_rewritten_duplicates", "what is sent again has the same bytes", {}, true, check};
}

}  // namespace reflector::faultlab
