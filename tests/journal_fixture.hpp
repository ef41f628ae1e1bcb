#pragma once

#include "actors/command/durable_command_journal.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace reflector {

inline constexpr wall_time journal_test_time{std::chrono::hours{24 * 20'000}};

/// @param uptime_ms must stay
inline journal_settings journal_in(const std::string& folder, const std::int64_t& uptime_ms) {
  journal_settings settings;
  settings.path = folder + "/commands.db";
  settings.uptime = [&uptime_ms] { return std::chrono::milliseconds{uptime_ms}; };
  settings.wall_now = [] { return journal_test_time; };
  return settings;
}

inline received_command received(const std::string& id, const std::string& claim = {}) {
  return {{id, "echo " + id, std::nullopt}, claim, std::nullopt};
}

}  // namespace reflector
