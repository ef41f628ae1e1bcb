#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include <caf/fwd.hpp>

namespace reflector {

/// Supervisor to child: are you there? Understood by every actor that behaves as a child, beside
/// its own interface.
struct heartbeat {
  std::size_t child = 0;
  std::uint64_t life = 0;
};

struct heartbeat_answer {
  heartbeat asked;
  std::size_t mailbox = 0;  ///< messages that wait behind this one
};

/// What all children of the supervisor have in common, said once, in make_behavior: they answer
/// heartbeats, and one that is ended by an exception ends with its text and the message that did it
/// (CAF alone would drop both).
void behave_as_child(caf::scheduled_actor& self);

/// Why an actor ended, for people.
struct failure_report {
  std::string text;     ///< "it ended by itself" where there was no error
  std::string message;  ///< what it was handling, see describe_message; empty: nothing, or unknown
};

failure_report report_of(const caf::error& reason);

}  // namespace reflector
