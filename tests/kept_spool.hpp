#pragma once

#include "actors/deliver/durable_spool.hpp"

#include <cstdint>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

namespace reflector {

/// The numbers of what an agent that has ended kept for this endpoint, oldest first. Throws
/// std::runtime_error where its spool can't be opened.
inline std::vector<std::uint64_t> kept_for(const std::string& endpoint,
                                           const std::string& state_dir) {
  std::ifstream file{state_dir + "/agent_id"};
  spool_settings settings;
  settings.state_dir = state_dir;
  std::getline(file, settings.identity.id);
  settings.uptime = [] { return std::chrono::milliseconds{0}; };
  settings.wall_now = [] { return wall_time{}; };
  const auto opened = open_durable_spool(settings);
  if (!opened) throw std::runtime_error(opened.error().text);
  std::vector<std::uint64_t> numbers;
  for (;;) {
    const auto slice = (*opened)->hand_out(endpoint, 1000, 10'000'000);
    if (slice.records.empty()) return numbers;
    for (const auto& r : slice.records) numbers.push_back(r.sequence);
    (*opened)->acknowledge(endpoint, numbers.back());
  }
}

}  // namespace reflector
