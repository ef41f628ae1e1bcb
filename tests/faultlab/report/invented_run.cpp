#include "tests/faultlab/report/invented_run.hpp"

#include <algorithm>

namespace reflector::faultlab {
namespace {

/// Measures each second; endpoint "local" gets all at once, "ego" only after an outage from a
/// quarter to a half of the time.
agent_record invented_agent(run_record& run, const std::string& name, unsigned seconds) {
  agent_record agent;
  agent.name = name;
  const auto half = seconds / 2;
  agent.lives = {{100, 0, half + 0.5, -9, true}, {101, half + 1.0, seconds + 0.25, 0, true}};
  for (unsigned number = 1; number <= seconds; ++number) {
    const bool outage = number > seconds / 4 && number <= half;
    const double at_s = number;
    for (auto& endpoint : run.endpoints)
      endpoint.stored.push_back({outage && endpoint.name == "ego" ? half + 1.0 : at_s,
                                 name,
                                 "id-" + name,
                                 number,
                                 number * 31,
                                 {}});
    agent_reading reading;
    reading.at_s = at_s;
    reading.pid = number > half ? 101 : 100;
    reading.rss_bytes = (20 + number % 7) << 20;
    reading.collected = number;
    reading.waiting = {{"ego", outage ? number - seconds / 4 : 0}, {"local", 0}};
    agent.readings.push_back(reading);
  }
  agent.books = agent_books{"id-" + name, seconds, {{"ego", {seconds, 0, {}}}}, {}};
  return agent;
}

}  // namespace

judged_run invented_run(unsigned agents, unsigned seconds) {
  judged_run made;
  auto& run = made.record;
  run.scenario = "invented";
  run.title = "An outage, a kill & a <host> that is hostile";
  run.seed = 42;
  run.repeat = "reflector-faultlab run invented --seed 42";
  run.lab_version = "1.0", run.agent_version = "2.0", run.agent_kind = "reflector";
  run.agent_sha256 = std::string(64, 'a'), run.configuration_sha256 = std::string(64, 'b');
  run.configuration = "[agent]\ninterval = \"1s\"\n";
  run.ended_s = run.settled_s = seconds;
  run.faults_end_s = seconds / 2.0;
  run.faults = {{"refuse",
                 "wire",
                 "refuse endpoint=ego at 5s for 5s",
                 "ego",
                 false,
                 "",
                 17,
                 {{seconds / 4.0, seconds / 2.0}}},
                {"kill",
                 "process",
                 "kill at 10s",
                 "",
                 true,
                 "",
                 1,
                 {{seconds / 2.0 + 0.5, seconds / 2.0 + 0.5}}},
                {"full", "disk", "full at 12s for 1s", "", false, "needs root", 0, {}}};
  run.endpoints.resize(2);
  run.endpoints[0].name = "ego", run.endpoints[1].name = "local";
  for (unsigned each = 0; each < agents; ++each)
    run.agents.push_back(invented_agent(run, "<b>host</b>-" + std::to_string(each), seconds));
  for (auto& endpoint : run.endpoints)
    std::stable_sort(endpoint.stored.begin(), endpoint.stored.end(),
                     [](const auto& a, const auto& b) { return a.at_s < b.at_s; });
  made.verdicts = {
      {"conservation", outcome::met, "each of 20 samples is at its receiver", {}},
      {"order", outcome::failed, "1 samples came after a later one", {"<script>alert(1)</script>"}},
      {"undisturbed", outcome::not_shown, "the fault \x1b[31m never fired", {}},
      {"disk_bounded", outcome::not_run, "needs root & more", {}}};
  return made;
}

}  // namespace reflector::faultlab
