#pragma once

#include "actors/command/command_journal.hpp"
#include "messages/fault.hpp"
#include "messages/sample.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

// state_dir/commands.db: what has become of each command, so that none is ever run twice.
//
//   PRAGMA application_id = 0x52464c4a ("RFLJ"), user_version = 1
//   TABLE journal     one row, id 1: lost_before INTEGER (ms since 1970; 0: nothing is lost),
//                     crc INTEGER (CRC-32C of that as decimal digits), probed INTEGER
//   TABLE command     those that are open: number INTEGER PRIMARY KEY (in the order in which they
//                     were received), queue TEXT, id TEXT, stage INTEGER, content BLOB, crc INTEGER
//   TABLE remembered  key BLOB PRIMARY KEY, age INTEGER; with an index by age
//
//   stage        content
//   0 received   {"line":"uptime","timeout_ms":30000,"wrong":"…"}; the last two only where there
//                are such
//   1 started    {"pid":4711,"start_ticks":123,"boot_id":"…"}
//   2 finished   what is reported, as it is sent
//   3 barred     nothing: its claim was used before
//
// `crc` of a command is the CRC-32C of "QUEUE-BYTES ID-BYTES STAGE ", queue, id and content. A row
// that doesn't match it, or isn't as above, is neither run nor reported: it counts as interrupted,
// by a process that nobody knows. So does a barred one that nobody has refused yet.
//
// `key` is the first 16 bytes of the SHA-256 of "id" NUL queue NUL id, or of "claim" NUL claim.
// `age` is in seconds of a clock that counts while the agent runs and goes on from the newest age
// that is stored: it can't jump, and time in which the agent was off makes a key be kept longer.
// A key is kept for 30 days from when its command was settled or last given by its queue; after
// that it goes, a few at each receipt. With 1,000,000 keys that are younger no more commands are
// taken.
//
// WAL, synchronous = FULL: each call is one transaction and one sync. After an error of the disk
// no sync is tried again: the file is opened anew and verified, its log is copied into it and begun
// afresh, and what of the failed call is there all the same is taken back.
//
// A new file is made beside (commands.db.new) and renamed, so one that is there is whole or
// damaged. A damaged one is set aside as commands.db.corrupt, with what it remembered. The new one
// then has as lost_before the time at which that happened, and a claim that may be older than that
// counts as used. What is damaged is found by SQLite's integrity check at the opening (each key is
// in the table and in the index), by the checksums, or in use. A file that can't be read for an
// error of the disk is not set aside: nothing is run until it can be read, or somebody removes it.
// Neither is one of a newer version; it is not touched.

namespace reflector {

struct journal_settings {
  std::string path;
  std::function<std::chrono::milliseconds()> uptime;  ///< CLOCK_BOOTTIME: suspension counted
  std::function<wall_time()> wall_now;                ///< when a journal is begun after damage
  std::uint64_t max_remembered = 1'000'000;           ///< ids and claims
  std::uint64_t max_open = 4096;                      ///< commands
};

/// Made where it is missing, with mode 0600. Fails where the file can't be used now; worth trying
/// again, but where it is of a newer version.
result<std::unique_ptr<command_journal>> open_command_journal(journal_settings settings);

}  // namespace reflector
