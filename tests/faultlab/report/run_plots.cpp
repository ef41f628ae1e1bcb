#include "tests/faultlab/report/run_plots.hpp"

#include "tests/faultlab/judge/sightings.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <spdlog/fmt/fmt.h>

namespace reflector::faultlab {
namespace {

constexpr std::size_t points = 200, most_single_agents = 5, colours = 6;
constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

std::size_t bucket(double at_s, double end_s) {
  const double share = std::clamp(at_s / end_s, 0.0, 1.0);
  return static_cast<std::size_t>(std::lround(share * (points - 1)));
}

/// The largest value of each stretch; one without any has the value before it, but at most for
/// `held_s` where that is given.
class resampled {
 public:
  explicit resampled(double end_s) : end_s_(end_s), values_(points, unknown) {}
  void add(double at_s, double value) {
    auto& largest = values_[bucket(at_s, end_s_)];
    if (!(largest >= value)) largest = value;
  }
  std::vector<double> held(double held_s = 1e9) const {
    auto all = values_;
    std::size_t last = 0;
    for (std::size_t at = 1; at < points; ++at) {
      const double away_s = static_cast<double>(at - last) * end_s_ / (points - 1);
      if (std::isfinite(all[at]))
        last = at;
      else if (away_s <= held_s)
        all[at] = all[last];
    }
    return all;
  }

 private:
  double end_s_;
  std::vector<double> values_;
};

template <class Combine>
void combine(std::vector<double>& into, const std::vector<double>& more, Combine how) {
  for (std::size_t at = 0; at < points; ++at)
    if (std::isfinite(more[at]))
      into[at] = std::isfinite(into[at]) ? how(into[at], more[at]) : more[at];
}

double sum(double a, double b) {
  return a + b;
}
double larger(double a, double b) {
  return std::max(a, b);
}

std::vector<double> stored(const endpoint_record& endpoint,
                           const std::vector<const agent_record*>& agents, double end_s) {
  resampled counts{end_s};
  counts.add(0, 0);
  std::vector<double> moments;
  for (const auto* agent : agents)
    for (const auto* sample : first_storings(samples_of(endpoint, *agent)))
      moments.push_back(sample->at_s);
  std::sort(moments.begin(), moments.end());
  for (std::size_t at = 0; at < moments.size(); ++at)
    counts.add(moments[at], static_cast<double>(at + 1));
  return counts.held();
}

void add_plots(const run_record& run, const std::vector<const agent_record*>& agents,
               const std::string& whose, std::vector<plot>& plots) {
  const double end_s = std::max(run.ended_s, 0.1);
  plot samples{"Samples" + whose, "", end_s, {}, {}, {}};
  for (std::size_t at = 0; at < run.faults.size(); ++at)
    for (const auto& [from, to] : run.faults[at].intervals)
      samples.bands.push_back({from, to, std::to_string(at + 1), run.faults[at].text});
  std::sort(samples.bands.begin(), samples.bands.end(),
            [](const auto& a, const auto& b) { return a.from_s < b.from_s; });
  for (const auto* agent : agents)
    for (std::size_t life = 1; life < agent->lives.size(); ++life)
      samples.marks.push_back(agent->lives[life].from_s);
  std::sort(samples.marks.begin(), samples.marks.end());
  plot waiting = samples, memory = samples;
  waiting.title = "Waiting" + whose;
  memory.title = "Memory" + whose;
  memory.unit = " MiB";

  curve collected{"collected", std::vector<double>(points, unknown), 0, false};
  curve resident{agents.size() > 1 ? "largest agent" : "resident",
                 std::vector<double>(points, unknown), 0, false};
  for (const auto* agent : agents) {
    resampled counts{end_s}, sizes{end_s};
    for (const auto& reading : agent->readings) {
      if (reading.collected) counts.add(reading.at_s, static_cast<double>(*reading.collected));
      sizes.add(reading.at_s, static_cast<double>(reading.rss_bytes) / (1024.0 * 1024.0));
    }
    combine(collected.values, counts.held(), sum);
    combine(resident.values, sizes.held(2), larger);
  }
  samples.curves.push_back(std::move(collected));
  memory.curves.push_back(std::move(resident));
  for (std::size_t at = 0; at < run.endpoints.size(); ++at) {
    const auto& endpoint = run.endpoints[at];
    const auto colour = static_cast<int>(1 + at % (colours - 1));
    samples.curves.push_back(
        {"stored at " + endpoint.name, stored(endpoint, agents, end_s), colour, at >= colours - 1});
    std::vector<double> all(points, unknown);
    for (const auto* agent : agents) {
      resampled counts{end_s};
      for (const auto& reading : agent->readings)
        if (const auto found = reading.waiting.find(endpoint.name); found != reading.waiting.end())
          counts.add(reading.at_s, static_cast<double>(found->second));
      combine(all, counts.held(), sum);
    }
    waiting.curves.push_back({"for " + endpoint.name, std::move(all), colour, at >= colours - 1});
  }
  for (auto* each : {&samples, &waiting, &memory}) plots.push_back(std::move(*each));
}

}  // namespace

std::vector<plot> run_plots(const run_record& run) {
  std::vector<plot> plots;
  if (run.agents.size() <= most_single_agents) {
    for (const auto& agent : run.agents)
      add_plots(run, {&agent}, run.agents.size() > 1 ? " of " + agent.name : "", plots);
    return plots;
  }
  std::vector<const agent_record*> all;
  for (const auto& agent : run.agents) all.push_back(&agent);
  add_plots(run, all, fmt::format(" of {} agents", all.size()), plots);
  return plots;
}

}  // namespace reflector::faultlab
