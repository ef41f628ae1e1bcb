#include "tests/simulation/invariants.hpp"

#include <algorithm>

namespace reflector::simulation {
namespace {

bool concerns(const lost_range& lost, const std::string& endpoint, std::uint64_t sequence) {
  return lost.from <= sequence && sequence <= lost.to &&
         (lost.endpoints.empty() || std::find(lost.endpoints.begin(), lost.endpoints.end(),
                                              endpoint) != lost.endpoints.end());
}

void check_kept(run_record& record, const receiver_model& receiver, const left_over& left) {
  const auto waiting = left.waiting.find(receiver.name());
  for (std::uint32_t boot = 0; boot < record.committed.size(); ++boot)
    for (std::uint64_t n = 0; n < record.committed[boot].size(); ++n) {
      const committed_sample& sample = record.committed[boot][n];
      if (sample.hash == 0 || receiver.has({boot, n})) continue;
      // Never on a disk, and the number was given to another after a crash.
      if (!sample.safe) continue;
      if (waiting != left.waiting.end() && waiting->second.contains(n)) continue;
      if (record.dead_letters.contains({receiver.name(), boot, n})) continue;
      if (receiver.is_declared_lost(n)) continue;
      if (std::any_of(left.lost.begin(), left.lost.end(),
                      [&](const lost_range& lost) { return concerns(lost, receiver.name(), n); }))
        continue;
      return record.violated("sample " + std::to_string(n) + " of boot " + std::to_string(boot) +
                             ", committed at " + std::to_string(sample.at_ms / 1000) +
                             " s, is nowhere for " + receiver.name());
    }
}

void check_excuses(run_record& record, const receiver_model& receiver, const excuses& excused) {
  for (const auto& [reason, ranges] : receiver.lost_by_reason()) {
    record.count("declared lost: " + reason);
    if (ranges.empty() || excused.contains(reason)) continue;
    record.violated(receiver.name() + " is told that " + std::to_string(ranges.front().from) +
                    " to " + std::to_string(ranges.front().to) + " are lost because " + reason +
                    ", which never was");
  }
}

void check_recovered(run_record& record, const receiver_model& receiver, const recovery& when) {
  std::uint64_t committed = 0, arrived = 0;
  for (std::uint32_t boot = 0; boot < record.committed.size(); ++boot)
    for (std::uint64_t n = 0; n < record.committed[boot].size(); ++n) {
      const auto& sample = record.committed[boot][n];
      // The newest may be on its way.
      if (sample.hash == 0 || sample.at_ms < when.calm_since_ms ||
          sample.at_ms > when.until_ms - 10'000)
        continue;
      ++committed;
      arrived += receiver.has({boot, n}) ? 1 : 0;
    }
  const auto wanted = static_cast<std::uint64_t>((when.until_ms - 10'000 - when.calm_since_ms) /
                                                 when.interval.count());
  if (committed + 2 < wanted || committed > wanted + 2)
    record.violated(std::to_string(committed) + " samples instead of " + std::to_string(wanted) +
                    " since all was calm");
  if (arrived + record.dead_letters.size() < committed)
    record.violated(receiver.name() + " got " + std::to_string(arrived) + " of " +
                    std::to_string(committed) + " samples since all was calm");
  const std::string& newest = receiver.newest_sample();
  const auto agent = newest.rfind("\"agent\":{");
  if (agent == std::string::npos || newest.find("\"late\"", agent) != std::string::npos ||
      newest.find("\"failed\"", agent) != std::string::npos)
    record.violated("a collector is not alive at the end: " +
                    newest.substr(std::min(agent, newest.size())));
}

void check_commands(run_record& record, const command_queue_model& queue, const recovery& when) {
  for (const auto& each : queue.entries()) {
    // The last ones may still run.
    if (each.launched > 0 && each.results == 0 && !each.refused &&
        each.created_ms <= when.until_ms - 120'000)
      record.violated("command " + each.id + " was run and never reported");
    if (each.created_ms < when.calm_since_ms || each.created_ms > when.until_ms - 120'000) continue;
    if (each.results == 0 || (!each.malformed && each.launched != 1))
      record.violated("command " + each.id + " was run " + std::to_string(each.launched) +
                      " times and reported " + std::to_string(each.results) +
                      " times since all was calm");
  }
}

}  // namespace

void check_invariants(run_record& record, const std::array<receiver_model*, 2>& receivers,
                      const command_queue_model& queue, const left_over& left, const recovery& when,
                      const excuses& excused) {
  for (const auto* const receiver : receivers) {
    check_kept(record, *receiver, left);
    check_excuses(record, *receiver, excused);
    check_recovered(record, *receiver, when);
    record.count("sample got again", receiver->repeated());
  }
  check_commands(record, queue, when);
}

}  // namespace reflector::simulation
