#pragma once

#include "actors/deliver/durable_spool.hpp"
#include "actors/state_dir.hpp"
#include "tests/temporary_folder.hpp"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace reflector {

/// A record whose bytes follow from its number, so that what comes back can be checked.
inline record numbered(std::uint64_t sequence, std::size_t bytes = 300) {
  std::string json = "{\"agent\":{\"sequence\":" + std::to_string(sequence) + "},\"text\":\"";
  while (json.size() < bytes)
    json += static_cast<char>('a' + (json.size() * 7 + sequence * 13) % 26);
  return {sequence, std::make_shared<const std::string>(json + "\"}"), nullptr};
}

inline std::vector<record> numbered_range(std::uint64_t from, std::uint64_t to,
                                          std::size_t bytes = 300) {
  std::vector<record> out;
  for (auto i = from; i <= to; ++i) out.push_back(numbered(i, bytes));
  return out;
}

/// A spool in a folder of its own that can be closed and opened again.
struct spool_at_work {
  spool_at_work() {
    settings.state_dir = folder.path();
    settings.identity = {"agent", "boot"};
    settings.endpoints = {{"ego", backfill::none}};
    settings.limits.durability = durability::process_crash;
    settings.uptime = [this] { return uptime; };
    settings.wall_now = [] { return wall_time{}; };
  }

  /// Throws std::runtime_error where it can't be opened.
  spool& open() {
    it.reset();
    auto opened = open_durable_spool(settings);
    if (!opened) throw std::runtime_error(opened.error().text);
    it = std::move(*opened);
    return *it;
  }

  /// As much as the endpoint gets in slices, and acknowledges.
  std::vector<std::uint64_t> drain(const std::string& endpoint, std::size_t slice = 100) {
    std::vector<std::uint64_t> numbers;
    for (;;) {
      const auto got = it->hand_out(endpoint, slice, 1'000'000);
      if (got.records.empty()) return numbers;
      for (const auto& r : got.records) {
        if (*r.json != *numbered(r.sequence, r.json->size() - 2).json) ++wrong;
        numbers.push_back(r.sequence);
      }
      it->acknowledge(endpoint, got.records.back().sequence);
    }
  }

  /// Base names with this ending in the spool's folder, sorted.
  std::vector<std::string> files(const std::string& ending) const {
    std::vector<std::string> out;
    for (const auto& each : std::filesystem::directory_iterator{folder.file("spool")})
      if (each.path().filename().string().ends_with(ending))
        out.push_back(each.path().filename().string());
    std::sort(out.begin(), out.end());
    return out;
  }

  std::size_t segments() const {
    std::size_t count = 0;
    for (const auto& name : files(".db")) count += name.starts_with("segment-");
    return count;
  }

  temporary_folder folder;
  spool_settings settings;
  std::chrono::milliseconds uptime{1000};
  std::unique_ptr<spool> it;
  std::size_t wrong = 0;  ///< records whose bytes were not those that were committed
};

}  // namespace reflector
