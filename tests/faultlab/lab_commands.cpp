#include "tests/faultlab/lab_commands.hpp"

#include "tests/faultlab/agents/marks.hpp"
#include "tests/receiver/ego_receiver.hpp"

#include <algorithm>
#include <filesystem>
#include <set>

namespace reflector::faultlab {
namespace {

/// How close to a poll a fault or an end must have been for the poll's answer to be taken for lost.
constexpr double near_s = 1;

bool within(double at_s, double from_s, double to_s) {
  return at_s >= from_s - near_s && at_s <= to_s + near_s;
}

bool agent_ended_near(const std::vector<agent_record>& agents, const std::string& host,
                      double at_s) {
  for (const auto& agent : agents) {
    if (agent.name != host) continue;
    for (const auto& life : agent.lives)
      if (life.to_s > 0 && within(at_s, life.to_s, life.to_s)) return true;
  }
  return false;
}

}  // namespace

void lab_commands::queue(const std::string& host, const std::string& line, int timeout_seconds,
                         double now_s) {
  const auto known = tokens_.find(line);
  queued_.push_back({queue_.add_command(host, line, timeout_seconds),
                     known == tokens_.end() ? std::string{} : known->second, now_s});
}

std::string lab_commands::marked_line(const agent_handle& agent, const std::string& extra) {
  const std::string token = "mark-" + std::to_string(next_token_++);
  const auto marks = agent.folder / "marks";
  const std::string line = std::filesystem::read_symlink("/proc/self/exe").string() + " ran " +
                           marks.string() + ' ' + token + (extra.empty() ? "" : ' ' + extra);
  tokens_[line] = token;
  marks_of_[token] = marks;
  return line;
}

bool lab_commands::all_answered() const {
  if (queued_.empty()) return true;
  const auto commands = queue_.commands();
  return std::none_of(commands.begin(), commands.end(),
                      [](const queued_command& each) { return each.results.empty(); });
}

std::vector<command_record> lab_commands::records(std::chrono::steady_clock::time_point began,
                                                  const std::vector<fault_interval>& wire_faults,
                                                  const std::vector<agent_record>& agents) const {
  std::map<std::string, const queued*> by_id;
  for (const auto& each : queued_) by_id[each.id] = &each;
  std::map<std::filesystem::path, std::map<std::string, std::uint64_t>> runs;
  for (const auto& [token, file] : marks_of_)
    if (!runs.contains(file)) runs[file] = runs_in_marks(file);

  std::vector<command_record> all;
  for (const auto& each : queue_.commands()) {
    const auto found = by_id.find(each.id);
    if (found == by_id.end()) continue;
    const queued& known = *found->second;
    command_record record;
    record.id = each.id;
    record.host = each.hostname;
    record.line = each.line.substr(0, 200);
    record.queued_s = known.at_s;
    record.deliveries = each.deliveries;
    record.results = each.results;
    record.marked = !known.token.empty();
    if (record.marked) {
      const auto& counted = runs[marks_of_.at(known.token)];
      const auto count = counted.find(known.token);
      record.runs = count == counted.end() ? 0 : count->second;
    }
    if (each.deliveries > 0 && each.results.empty() && record.runs == 0) {
      const double at_s = std::chrono::duration<double>(each.delivered - began).count();
      record.lost_on_the_way =
          agent_ended_near(agents, each.hostname, at_s) ||
          std::any_of(wire_faults.begin(), wire_faults.end(), [&](const fault_interval& fault) {
            return within(at_s, fault.from_s, fault.to_s);
          });
    }
    all.push_back(std::move(record));
  }
  return all;
}

}  // namespace reflector::faultlab
