#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// What is to go wrong in a run, as data: a list of faults with their times, made from a seed.
// Taking one away leaves the others what they are, so that a list that breaks the agent can be
// shortened.

namespace reflector::simulation {

enum class fault_kind : std::uint8_t {
  // The network, towards `target`.
  refused,        ///< no connection, at once
  black_hole,     ///< the request is lost, the client times out
  lost_reply,     ///< the receiver takes it, the client times out
  slow_reply,     ///< late, but within the time-out
  duplicated,     ///< the receiver gets it twice
  truncated,      ///< the receiver takes it, the answer is cut off
  garbled,        ///< a status, but a body that is no JSON
  status,         ///< `amount` instead of whatever the receiver would say; it takes nothing
  retry_after,    ///< 429 or 503 that ask to wait for `amount` seconds
  smaller_limit,  ///< bodies over `amount` bytes get a 413
  amnesia,        ///< the receiver forgets the host again and again: batches get a 500
  poison,         ///< the next sample gets `amount` as its status for ever
  // The disk.
  disk_io,          ///< each write fails with EIO, having been done or not
  disk_full,        ///< ENOSPC
  disk_read_only,   ///< EROFS
  disk_unreadable,  ///< each read fails
  disk_slow,        ///< a write takes `amount` ms
  rotten_record,    ///< a record that waits is damaged
  rotten_cursors,   ///< the cursors are damaged, to be found at the next start
  // The host.
  unreadable_files,  ///< those of a collector can't be read
  slow_files,        ///< reading one takes `amount` ms
  wall_jump,         ///< the wall clock, by `amount` ms
  sleep,             ///< the machine is suspended
  // The agent itself.
  crash_actor,         ///< one dies between two messages
  crash_loop,          ///< one dies again and again
  throwing_http,       ///< the interface throws at `target`'s requests
  throwing_collector,  ///< reading throws
  throwing_launcher,   ///< so does starting a process
  // Commands.
  hanging_process,    ///< processes don't end before their time-out
  dying_process,      ///< they end by a signal
  unstartable,        ///< they can't be started
  redelivery,         ///< the queue hands out again what it has handed out
  command_flood,      ///< `amount` commands at once
  malformed_command,  ///< an entry that is none
  // The whole agent.
  kill,       ///< SIGKILL, and a new start
  power_cut,  ///< the same, what was not synced is lost, a new boot id
  restart,    ///< an orderly stop and a start
  reload,     ///< what SIGHUP does; a restart while the agent can't reload
};
inline constexpr std::size_t fault_kinds = static_cast<std::size_t>(fault_kind::reload) + 1;

std::string_view name_of(fault_kind kind);

/// Who a fault of the network is about.
enum class target : std::uint8_t { first, second, queue };
inline constexpr std::size_t targets = 3;

struct planned_fault {
  fault_kind kind = fault_kind::refused;
  std::chrono::milliseconds at{0};     ///< since the run began
  std::chrono::milliseconds lasts{0};  ///< 0: it is a moment
  target to = target::first;
  std::int64_t amount = 0;  ///< as the kind says; of a crash, which actor; of a kill, the step
};

/// In the order of their times, all over by `until`.
std::vector<planned_fault> make_fault_plan(std::uint64_t seed, std::chrono::milliseconds until);

/// For a person, and `--faults`.
std::string to_text(const planned_fault& fault);

}  // namespace reflector::simulation
