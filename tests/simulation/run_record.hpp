#pragma once

#include "messages/delivery.hpp"
#include "tests/simulation/trace.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace reflector::simulation {

/// A sample's identity: a number may be given out again after a power cut, under another boot id.
struct sample_key {
  std::uint32_t boot = 0;
  std::uint64_t sequence = 0;

  friend auto operator<=>(const sample_key&, const sample_key&) = default;
};

/// What is known of one sample, by its number within one boot.
struct committed_sample {
  std::uint64_t hash = 0;  ///< of its JSON; 0: there is no such sample
  std::int64_t at_ms = 0;  ///< when it was committed
  /// It has been on a disk that worked, so that only what the documentation names may cost it.
  bool safe = false;
  /// One that was not safe had the same number: after a disk that takes nothing and a crash, the
  /// agent can't know that it was given out.
  bool reused = false;
};

/// All that the simulation's observers have seen of a run: what the invariants are checked against.
struct run_record {
  /// By boot, then by sequence number.
  std::vector<std::vector<committed_sample>> committed;
  std::uint64_t commits = 0;
  std::set<std::tuple<std::string, std::uint32_t, std::uint64_t>> dead_letters;  ///< endpoint, key
  std::map<std::string, std::uint64_t> counts;  ///< what occurred, by name
  std::vector<std::string> violations;

  void count(const std::string& what, std::uint64_t times = 1) { counts[what] += times; }

  /// Only the first ones are of interest.
  void violated(std::string what) {
    if (violations.size() < 12) violations.push_back(std::move(what));
  }

  committed_sample& sample(sample_key key) {
    if (committed.size() <= key.boot) committed.resize(key.boot + 1);
    auto& of_boot = committed[key.boot];
    if (of_boot.size() <= key.sequence) of_boot.resize(key.sequence + 256);
    return of_boot[key.sequence];
  }
};

}  // namespace reflector::simulation
