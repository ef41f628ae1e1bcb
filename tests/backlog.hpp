#pragma once

#include "actors/deliver/durable_spool.hpp"
#include "actors/state_dir.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace reflector {

/// A sample that EGO takes, unless memory_percent is above 100; filled up to about so many bytes.
inline std::string backlog_sample(std::uint64_t sequence, const std::string& agent,
                                  double memory_percent = 50, std::size_t bytes = 0) {
  std::string json =
      R"({"hostname":"bench","timestamp":"2026-01-01T00:00:00.000Z","cpu_load":1,)"
      R"("memory_used_percent":)" +
      std::to_string(memory_percent) +
      R"(,"load_average":1,"uptime_seconds":1,"agent_version":"1","platform":"Linux",)"
      R"("agent":{"id":")" +
      agent + R"(","boot_id":"b","sequence":)" + std::to_string(sequence) + R"(},"filler":")";
  if (json.size() + 2 < bytes) json.append(bytes - json.size() - 2, 'x');
  return json + "\"}";
}

/// Leaves samples 1 to `count` in a state folder, waiting for the endpoint "ego", as an agent would
/// that never reached it. Throws std::runtime_error where that fails.
/// @param sample its JSON, given its number and the agent's id
inline void leave_backlog(
    const std::string& state, std::uint64_t count,
    const std::function<std::string(std::uint64_t, const std::string&)>& sample) {
  const auto folder = state_dir::open(state);
  if (!folder) throw std::runtime_error(folder.error().text);
  const auto agent = folder->agent_id();
  if (!agent) throw std::runtime_error(agent.error().text);
  spool_settings settings;
  settings.state_dir = state;
  settings.identity = {*agent, "b"};
  settings.limits.max_bytes = std::uint64_t{1} << 40;
  settings.limits.durability = durability::process_crash;
  settings.endpoints = {{"ego", backfill::all}};
  settings.uptime = [] { return std::chrono::milliseconds{0}; };
  settings.wall_now = [] { return wall_time{}; };
  const auto opened = open_durable_spool(settings);
  if (!opened) throw std::runtime_error(opened.error().text);
  std::vector<record> group;
  for (std::uint64_t n = 1; n <= count; ++n) {
    group.push_back({n, std::make_shared<const std::string>(sample(n, *agent)), nullptr});
    if (group.size() < 256 && n < count) continue;
    (*opened)->append(group);
    group.clear();
  }
}

}  // namespace reflector
