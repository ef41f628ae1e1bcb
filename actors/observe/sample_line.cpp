#include "actors/observe/sample_line.hpp"

#include <algorithm>
#include <array>
#include <ctime>
#include <optional>

#include <spdlog/fmt/fmt.h>

namespace reflector {
namespace {

std::string local_time(wall_time at) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(at);
  std::tm local{};
  localtime_r(&seconds, &local);
  return fmt::format("{:02}:{:02}:{:02}", local.tm_hour, local.tm_min, local.tm_sec);
}

std::string percent(std::optional<double> value) {
  return value ? fmt::format("{:5.1f}%", *value) : std::string{"     -"};
}

std::string rate(double bytes_per_second) {
  static constexpr std::array units{"B/s", "kB/s", "MB/s", "GB/s"};
  std::size_t unit = 0;
  while (bytes_per_second >= 1000 && unit + 1 < units.size()) {
    bytes_per_second /= 1000;
    ++unit;
  }
  return fmt::format("{:5.{}f} {:<4}", bytes_per_second, unit == 0 ? 0 : 1, units[unit]);
}

std::string rates(const sample& now, const sample* previous) {
  if (!now.network || previous == nullptr || !previous->network) return "-";
  const double seconds = std::chrono::duration<double>(now.issued - previous->issued).count();
  if (seconds <= 0) return "-";
  // A counter that went back was reset: nothing is known about the time between.
  const auto since = [&](std::uint64_t later, std::uint64_t earlier) {
    return rate(later >= earlier ? static_cast<double>(later - earlier) / seconds : 0);
  };
  return "↓" + since(now.network->bytes_received, previous->network->bytes_received) + " ↑" +
         since(now.network->bytes_sent, previous->network->bytes_sent);
}

std::string busiest(const sample& now) {
  if (!now.processes || now.processes->top.empty()) return "-";
  const process_usage& top = now.processes->top.front();
  std::string name = top.name;
  std::replace_if(
      name.begin(), name.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, '?');
  return fmt::format("{} {:.0f}%", name, top.cpu_percent);
}

}  // namespace

std::string sample_line(const sample& now, const sample* previous) {
  return fmt::format("{}  cpu {}  mem {}  load {}  net {}  top {}", local_time(now.at),
                     percent(now.cpu ? now.cpu->total_percent : std::nullopt),
                     percent(now.memory ? std::optional{now.memory->used_percent} : std::nullopt),
                     now.load ? fmt::format("{:.2f}", now.load->one) : "-", rates(now, previous),
                     busiest(now));
}

}  // namespace reflector
