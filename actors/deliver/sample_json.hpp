#pragma once

#include "config/agent_config.hpp"
#include "messages/delivery.hpp"
#include "messages/identity.hpp"
#include "messages/sample.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

// The canonical JSON of a sample, in EGO's names and units:
//
//   {"hostname":…, "timestamp":"2026-11-23T23:40:41.222Z", "cpu_load":12.5, …, "tags":{…},
//    "agent":{"id":…, "boot_id":…, "sequence":17, "late":["disk"],
//    "degraded":{"level":1,"reason":"backlog"},
//    "lost":[{"from":3,"to":5,"reason":…,"endpoints":["ego"]}], "dropped":2, "restarts":0}}
//
// What is absent in the sample is absent here; `null` never occurs. Numbers are finite; percentages
// and temperatures have at most two decimals. All text is valid UTF-8. The agent section's `late`
// names collectors that missed the deadline, `failed` those that answered with a fault. Their
// sections are left out, but for those that EGO requires, where the last known reading stands in
// (sample_join.hpp). A row of `disks` whose file system does not answer has `"stuck":true` in place
// of its usage. `lost` tells which samples will never be delivered (`endpoints`: to whom,
// where not to anybody), `dropped` how many were measured and never committed. `degraded` says that
// something is not measured on purpose (messages/degradation.hpp). All five stand there only when
// there is something to tell.
//
// A host may have any number of interfaces, disks, sensors and cores, and some of their names are
// chosen by whoever is on it. Lists are therefore cut at their ends, where the least important rows
// are, until the sample is no longer than max_sample_bytes.

namespace reflector {

/// A record must fit into one body of EGO's (102,400 bytes), or it would hold up all behind it.
/// Without any list a sample stays below this: the configuration's own text is bounded when it is
/// loaded (max_tags_bytes), the host's facts when they are read.
inline constexpr std::size_t max_sample_bytes = 64 * 1024;

/// What the configuration and the agent itself add to the measurements.
struct sample_frame {
  const agent_config& agent;
  const agent_identity& identity;
  std::uint64_t sequence = 0;  ///< 0: none, the sample is not committed
  std::uint64_t restarts = 0;
  const std::vector<lost_range>& lost;
  std::uint64_t dropped = 0;  ///< samples that were measured and never committed
};

/// On one line: what is committed and sent.
std::string sample_json(const sample& measured, const sample_frame& frame);

/// Indented, with a newline at its end: for a person.
std::string indented_sample_json(const sample& measured, const sample_frame& frame);

}  // namespace reflector
