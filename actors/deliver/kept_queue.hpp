#pragma once

#include "actors/deliver/record_queue.hpp"
#include "messages/fault.hpp"

#include <string>

// What still waits when the agent stops is written to state_dir/waiting.jsonl and read again at the
// next start:
//
//   line 1   {"format":"reflector-waiting","version":1,"last_sequence":19,
//             "cursors":{"ego":12,"local":19},"lost":[{"from":3,"to":5,"reason":…}]}
//   line n   the canonical JSON of one record, in the order of their sequence numbers
//
// The file is written beside its place, synced and renamed, so it is whole or absent. It is removed
// once everything in it has been delivered: an agent that is killed before that delivers it again
// (at least once, same identity).

namespace reflector {

/// Nothing waiting and nothing to declare: the file is removed.
result<void> keep_queue(const record_queue& queue, const std::string& path);

/// Fills an empty queue. A missing file is an empty one. One that is damaged or not ours is renamed
/// to `PATH.corrupt`, with a fault that says so; the queue is left as it was.
result<void> load_kept_queue(record_queue& queue, const std::string& path);

}  // namespace reflector
