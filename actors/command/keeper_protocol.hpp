#pragma once

#include "actors/command/process_launcher.hpp"
#include "messages/fault.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// Command keepers: the agent's binary, started again with a hidden subcommand, one for each
// command. All that a command starts is below its keeper, also what lets go of its parent: the
// keeper is a subreaper. What a program with threads must not do between fork and exec, the keeper
// does in one thread. Its descriptors:
//
//   0     a Unix socket of type SOCK_SEQPACKET: a datagram a message, none torn
//   1, 2  the write ends of the command's output and error pipes; the keeper closes its own once
//         the command has them, so that the agent sees their end
//
//   agent to keeper     order      the size of the whole (8 bytes); then the order itself in pieces
//                                  of up to 32 KiB
//                       start      keeper_request: run it
//                       end        keeper_request: SIGTERM to everything, SIGKILL after `grace`
//                                  milliseconds. Before the start: nothing will run
//   keeper to agent     ready      keeper_report, `value` is its own start time in ticks. It has
//                                  made everything ready and runs nothing until it is told to
//                       started    `value` is the pid of the command's first process, which is also
//                                  its session
//                       failed     `value` is the errno; then what failed, as text; none where it
//                                  was the exec
//                       exited     the first process has; `value` is its status
//                       signalled  a signal has ended it; `value` is its number
//
// The keeper exits when nothing that the command started is left: with 0, or with 1 where something
// could not be killed in time. Where the socket ends, the agent is gone: before the start the
// keeper exits, after it it ends everything as at `end`. So it does at SIGTERM. Integers are in the
// host's byte order: both sides are the same binary.

namespace reflector {

inline constexpr std::size_t max_order_bytes = 8 * 1024 * 1024, order_piece_bytes = 32 * 1024,
                             max_report_text_bytes = 1024;

struct keeper_order {
  std::vector<std::string> argv, environment;
  std::string working_directory, user;
  process_limits limits;
  bool no_new_privileges = true;
  std::string cgroup;                          ///< the name to make one under; empty: none
  std::chrono::milliseconds end_grace{0};      ///< where nobody says another
  std::chrono::milliseconds kill_patience{0};  ///< for what SIGKILL does not end at once

  friend bool operator==(const keeper_order&, const keeper_order&) = default;
};

std::string encode_order(const keeper_order& order);

/// Malformed where it isn't exactly one order, or has no argv[0].
result<keeper_order> decode_order(std::string_view bytes);

struct keeper_request {
  enum class kind : std::uint32_t { start = 1, end = 2 };

  kind what;
  std::uint32_t grace;  ///< ms
};
static_assert(sizeof(keeper_request) == 8);

struct keeper_report {
  enum class kind : std::uint64_t { ready = 1, started, failed, exited, signalled };

  kind what;
  std::uint64_t value;
};
static_assert(sizeof(keeper_report) == 16);

}  // namespace reflector
