#pragma once

#include "messages/fault.hpp"
#include "messages/status.hpp"

#include <string>
#include <string_view>

// The status as one JSON object, which is what the agent's socket answers and `reflector status
// --json` prints. Times are UTC; an "…_s" is in seconds: "…_ago_s" before, "…_in_s" after "at", and
// is absent where there is no such moment. States are the words of status_names.hpp.
//
//   at, version, pid, started, uptime_s, cpu_percent?, rss_bytes?, threads?
//   well                   whether `problems` is empty
//   problems               [sentence]
//   ticks, missed_ticks, abandoned_threads, left_out
//   clock_jumps            {count, last_ago_s?, last_by_s}
//   degradation            {level, reason}
//   reloads                {done, failed, last_error}
//   spool?                 {open, failing, problem, segments, segment_bytes, last_sequence,
//                          held_in_memory}
//   endpoints              [{name, kind, state, breaker, waiting?, oldest_waiting?: {sequence,
//                          timestamp?}, delivered, requests, dead_letters, samples_per_second,
//                          requests_per_second, failures_in_a_row, next_attempt_in_s?, last_answer,
//                          last_answer_ago_s?, last_success_ago_s?}]
//   commands               [{name, policy, running, waiting, ran, refused, interrupted, problem,
//                          last_started_ago_s?}], an element a queue
//   actors                 [{name, state, restarts, set_aside, mailbox?, heartbeat_s?,
//                          last_failure?: {text, message, at, ago_s}}]
//   budgets                [{name, per_second, available, waiting}]
//
// Whoever reads it passes over names that it doesn't know.

namespace reflector {

/// Valid UTF-8 whatever the texts hold; ends with a newline.
std::string status_json(const agent_status& all);

/// What status_json wrote, times to its precision; `malformed` where it is no JSON or not this.
/// @param now what "ago" and "in" are counted from
result<agent_status> parse_status(std::string_view json, monotonic_time now);

}  // namespace reflector
