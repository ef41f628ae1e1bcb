#pragma once

#include "actors/deliver/crc32c.hpp"
#include "actors/deliver/spool.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace reflector {

/// What a spool has promised until it was killed, as its user saw it: plain memory that two
/// processes can share, so that it outlives the one that uses the spool.
struct spool_promises {
  static constexpr std::size_t endpoints = 2;
  static constexpr std::size_t most_records = 2048;

  std::uint64_t numbered = 0;   ///< newest number that is given out: appended, wherever it is kept
  std::uint64_t committed = 0;  ///< everything up to here is on the disk
  std::array<std::uint64_t, endpoints> acknowledged{};
  std::array<std::uint32_t, most_records> sums{};  ///< CRC-32C of the JSON, by sequence number
  std::array<std::array<bool, most_records>, endpoints> told{};  ///< the endpoint knows it is lost

  static std::string name(std::size_t endpoint) { return endpoint == 0 ? "a" : "b"; }
};

/// As the samples do it: their number, what is lost, and some bytes of their own.
inline record telling_record(std::uint64_t sequence, const std::vector<lost_range>& lost,
                             std::size_t bytes = 300) {
  std::string json = "{\"agent\":{\"sequence\":" + std::to_string(sequence);
  const char* separator = ",\"lost\":[";
  for (const auto& range : lost) {
    json += separator;
    json += "{\"from\":" + std::to_string(range.from) + ",\"to\":" + std::to_string(range.to) +
            ",\"reason\":\"" + range.reason + '"';
    const char* before = ",\"endpoints\":[";
    for (const auto& endpoint : range.endpoints) {
      json += before;
      json += '"' + endpoint + '"';
      before = ",";
    }
    json += range.endpoints.empty() ? "}" : "]}";
    separator = ",";
  }
  json += lost.empty() ? "}" : "]}";
  json += ",\"text\":\"";
  while (json.size() < bytes)
    json += static_cast<char>('a' + (json.size() * 7 + sequence * 13) % 26);
  record made{sequence, std::make_shared<const std::string>(json + "\"}"), nullptr};
  if (!lost.empty()) made.declares = std::make_shared<const std::vector<lost_range>>(lost);
  return made;
}

/// What came out of a spool that was emptied.
struct spool_contents {
  std::array<std::vector<record>, spool_promises::endpoints> handed_out;
  /// By endpoint and number, why it was given up.
  std::array<std::map<std::uint64_t, std::string>, spool_promises::endpoints> lost;
  std::uint64_t last_sequence = 0;
};

/// Adds what `from` declares now.
inline void note_losses(const spool& from, spool_contents& all) {
  for (const auto& range : from.lost())
    for (std::size_t e = 0; e < spool_promises::endpoints; ++e) {
      const auto& those = range.endpoints;
      const std::string name = spool_promises::name(e);
      if (!those.empty() && std::find(those.begin(), those.end(), name) == those.end()) continue;
      for (auto n = range.from; n <= range.to && n < spool_promises::most_records; ++n)
        all.lost[e][n] = range.reason;
    }
}

inline spool_contents drained(spool& from, std::size_t slice = 7) {
  spool_contents all;
  note_losses(from, all);
  for (std::size_t e = 0; e < spool_promises::endpoints; ++e) {
    const std::string name = spool_promises::name(e);
    for (;;) {
      auto got = from.hand_out(name, slice, 1'000'000).records;
      // Before an acknowledgement, which may be the end of a declaration.
      note_losses(from, all);
      if (got.empty()) break;
      const std::uint64_t up_to = got.back().sequence;
      for (auto& each : got) all.handed_out[e].push_back(std::move(each));
      // One that goes round in circles is convicted by what it handed out.
      if (all.handed_out[e].size() > 2 * spool_promises::most_records) break;
      from.acknowledge(name, up_to);
    }
  }
  all.last_sequence = from.last_sequence();
  return all;
}

/// Each way in which `found` breaks a promise; none where all are kept. A committed record that the
/// endpoint has not acknowledged is handed out, or declared lost for one of `excuses`.
inline std::vector<std::string> broken_promises(const spool_contents& found,
                                                const spool_promises& made,
                                                const std::set<std::string_view>& excuses) {
  std::vector<std::string> broken;
  if (found.last_sequence < made.numbered)
    broken.push_back("number " + std::to_string(made.numbered) +
                     " would be used again: it ends at " + std::to_string(found.last_sequence));
  for (std::size_t e = 0; e < spool_promises::endpoints; ++e) {
    const std::string to = " to " + spool_promises::name(e);
    std::set<std::uint64_t> there;
    std::uint64_t before = 0;
    for (const auto& each : found.handed_out[e]) {
      const std::string what = "record " + std::to_string(each.sequence) + to;
      if (each.sequence <= before) broken.push_back(what + " out of order or twice");
      before = each.sequence;
      // A number that was never given out: killed between the commit and the note of it.
      if (each.sequence >= spool_promises::most_records ||
          made.sums[each.sequence] != crc32c(*each.json))
        broken.push_back(what + " with other bytes");
      there.insert(each.sequence);
    }
    for (auto n = made.acknowledged[e] + 1; n <= made.committed; ++n) {
      const std::string what = "record " + std::to_string(n) + to;
      const auto gone = found.lost[e].find(n);
      if (gone == found.lost[e].end()) {
        if (!there.contains(n) && !made.told[e][n]) broken.push_back(what + " is nowhere");
      } else if (!excuses.contains(gone->second))
        broken.push_back(what + " lost without a reason: " + gone->second);
    }
  }
  return broken;
}

}  // namespace reflector
