#pragma once

#include "actors/deliver/spool.hpp"
#include "actors/deliver/spool_endpoint.hpp"
#include "config/spool_config.hpp"
#include "messages/fault.hpp"
#include "messages/identity.hpp"
#include "messages/sample.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

// state_dir/spool holds what waits for the endpoints, one copy for all of them:
//
//   segment-<first sequence number>.db   records (segment.hpp); the newest one is appended to
//   segment-….db.corrupt                 a damaged one: set aside at once where it can't be opened,
//                                        else when it goes, what can be read of it having been sent
//   cursors.db                           cursors and losses (cursor_database.hpp)
//   dead-letters.db                      what an endpoint refused (dead_letter_database.hpp)
//   forget                               names of endpoints to forget, one a line, written by
//                                        `reflector spool forget`; taken at the next commit
//
// and state_dir/sequence the newest number given out (state_dir.hpp).
//
// A record is on the disk before any endpoint gets it, and the cursor moves behind it once it is
// there. A segment is unlinked when every cursor has passed it (the cursors durable first), or when
// it is the oldest and the spool too large or too old; then its range enters the loss ledger of
// those that lacked it. So does whatever is missing between a cursor and the oldest record left,
// whatever the reason.
//
// While the disk can't be written, the newest records are held in memory, bounded, and handed out
// from there; their numbers are given out in the sequence file, which is overwritten in place and
// so needs no space. When the memory is half full the oldest segment is given up, as that makes
// room. No sync is tried again after an error: the file is left as it is, and a new segment begun.

namespace reflector {

struct spool_settings {
  std::string state_dir;  ///< the spool is its folder "spool", made with mode 0700
  agent_identity identity;
  spool_config limits;
  std::vector<spool_endpoint> endpoints;              ///< those that are configured
  std::function<std::chrono::milliseconds()> uptime;  ///< CLOCK_BOOTTIME: suspension counted
  std::function<wall_time()> wall_now;                ///< what dead letters are stamped with
};

/// What is on the disk already is not read, but for the newest segment and the cursors. Fails where
/// the folder can't be used now (no space to open it, say); worth trying again.
result<std::unique_ptr<spool>> open_durable_spool(spool_settings settings);

}  // namespace reflector
