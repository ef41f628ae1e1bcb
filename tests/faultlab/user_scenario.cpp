#include "tests/faultlab/user_scenario.hpp"

#include "tests/faultlab/agents/probe_configuration.hpp"

#include <algorithm>

namespace reflector::faultlab {
namespace {

std::size_t place_of(const std::vector<scenario_endpoint>& endpoints, const std::string& name) {
  const auto found = std::find_if(endpoints.begin(), endpoints.end(),
                                  [&](const auto& each) { return each.name == name; });
  return static_cast<std::size_t>(found - endpoints.begin());
}

}  // namespace

std::optional<std::string> adopt_configuration(scenario& plan,
                                               const std::filesystem::path& configuration) {
  const auto names = endpoint_names(configuration);
  if (!names) return names.error();
  if (names->empty())
    return configuration.string() + ": no endpoint of kind ego, so there is nothing to probe";
  const auto theirs = [&](const std::string& name) {
    const auto place = place_of(plan.endpoints, name);
    return (*names)[std::min(place, names->size() - 1)];
  };
  for (auto& each : plan.faults) {
    if (each.endpoint.empty()) continue;
    each.endpoint = theirs(each.endpoint);
    each.values.put("endpoint", each.endpoint);
  }
  for (auto& each : plan.expectations)
    if (const auto found = each.values.all().find("endpoint"); found != each.values.all().end()) {
      const auto* name = std::get_if<std::string>(&found->second);
      if (name != nullptr && !name->empty()) each.values.put("endpoint", theirs(*name));
    }
  std::vector<scenario_endpoint> endpoints;
  for (const auto& each : *names) endpoints.push_back({each, false});
  plan.endpoints = std::move(endpoints);
  plan.agents = 1;
  plan.agent_toml.clear();
  return std::nullopt;
}

}  // namespace reflector::faultlab
