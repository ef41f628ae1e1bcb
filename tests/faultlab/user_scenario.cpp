#include "tests/faultlab/user_scenario.hpp"

#include "tests/faultlab/agents/reflector_configuration.hpp"

#include <algorithm>
#include <chrono>

namespace reflector::faultlab {
namespace {

std::size_t place_of(const std::vector<scenario_endpoint>& endpoints, const std::string& name) {
  const auto found = std::find_if(endpoints.begin(), endpoints.end(),
                                  [&](const auto& each) { return each.name == name; });
  return static_cast<std::size_t>(found - endpoints.begin());
}

/// The user's agent measures as often as its configuration says, so the timeline is stretched to as
/// many samples as it was made for, up to a minute.
void fit_interval(scenario& plan, std::chrono::milliseconds interval) {
  constexpr double longest_ms = 60'000;
  using ms = std::chrono::duration<double, std::milli>;
  const double wanted = ms{interval} / ms{plan.interval};
  const double factor = std::max(1.0, std::min(wanted, longest_ms / ms{plan.duration}.count()));
  const auto stretch = [&](std::chrono::milliseconds& span) {
    span = std::chrono::duration_cast<std::chrono::milliseconds>(span * factor);
  };
  for (auto& each : plan.faults)
    for (auto* span : {&each.earliest, &each.latest, &each.lasts, &each.pause}) stretch(*span);
  stretch(plan.duration);
  stretch(plan.settle);
  plan.interval = interval;
}

/// The user's agent may pause so long before it tries an endpoint again.
void await_retries(scenario& plan, std::chrono::milliseconds longest) {
  for (auto& each : plan.expectations) {
    if (each.kind->name != "alive_again") continue;
    const auto within = each.values.duration("within") + longest;
    each.values.put("within", within);
    plan.settle = std::max(plan.settle, within + std::chrono::seconds{5});
  }
}

}  // namespace

std::optional<std::string> adopt_configuration(scenario& plan,
                                               const std::filesystem::path& configuration) {
  const auto names = endpoint_names(configuration);
  if (!names) return names.error();
  const auto interval = interval_in(configuration);
  if (!interval) return interval.error();
  const auto retry = longest_retry_in(configuration);
  if (!retry) return retry.error();
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
  fit_interval(plan, *interval);
  await_retries(plan, *retry);
  plan.agent_toml.clear();
  return std::nullopt;
}

}  // namespace reflector::faultlab
