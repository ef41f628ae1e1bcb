#pragma once

#include "config/agent_account.hpp"
#include "config/configuration.hpp"
#include "messages/sample.hpp"

#include <array>
#include <string>
#include <vector>

namespace reflector {

/// What is wrong between keys, or missing.
struct inconsistency {
  std::string key;  ///< effective key, "endpoint[1].url"; empty: the file as a whole
  std::string text;
};

/// EGO refuses a sample without what these measure.
inline constexpr std::array required_by_ego{collector_id::cpu, collector_id::load,
                                            collector_id::memory, collector_id::host};

/// Required keys, names given twice, bounds that contradict each other, commands that may not be
/// run as they are to be.
std::vector<inconsistency> find_inconsistencies(const configuration& config,
                                                const agent_account& agent);

/// What is allowed and probably not meant.
std::vector<inconsistency> find_doubtful(const configuration& config);

/// EGO's own names, in any case: a host that bears one is mixed up with it.
bool is_egos_own(const std::string& hostname);

}  // namespace reflector
