#pragma once

#include <cstddef>
#include <cstdint>

// Helper processes: the agent's binary, started again with a hidden subcommand to make calls that
// the kernel may never return from. What agent and helpers say to each other:
//
//   A Unix socket pair of type SOCK_SEQPACKET: a datagram a message, none torn, and each side sees
//   the end of the other. All helpers of a pool share one end, as descriptor 0; the kernel hands
//   each question to one of them, so one that hangs holds up none of the questions behind.
//
//   agent to helper     question   number (8 bytes), then the question itself, up to 4,096 bytes
//                       end        no bytes at all: the helper that gets it ends. So does every
//                                  helper when the agent is gone, which looks the same
//   helper to agent     begun      helper_message, without more: it has taken this question
//                       answered   helper_message, then the answer itself, up to 65,536 bytes
//
// A helper answers a question before it takes another. Integers are in the host's byte order: both
// sides are the same binary. What a question and its answer hold is up to the subcommand.

namespace reflector {

inline constexpr std::size_t max_question_bytes = 4096, max_answer_bytes = 64 * 1024;

struct helper_message {
  enum class kind : std::uint32_t { begun = 1, answered = 2 };

  std::uint64_t number;  ///< of the question
  std::int32_t pid;      ///< of the helper
  kind what;
};
static_assert(sizeof(helper_message) == 16);

}  // namespace reflector
