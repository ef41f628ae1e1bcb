#pragma once

#include "messages/audit.hpp"
#include "messages/command.hpp"
#include "messages/sample.hpp"

#include <optional>
#include <string>
#include <vector>

namespace reflector {

struct received_command {
  command what;
  std::string claim;  ///< see command_decision
  std::optional<wall_time> signed_from;
};

enum class reception {
  fresh,     ///< written down; it may run
  known,     ///< this queue has given this id before: nothing is to be done
  replayed,  ///< its claim was used before, or may have been: it was written down and must not run
};

struct started_command {
  std::string id;
  process_identity process;
  std::string boot_id;
};

struct finished_command {
  std::string id;
  std::string body;  ///< what is reported
};

/// What an agent that is gone has left open.
struct open_commands {
  std::vector<command> received;           ///< not started: may run
  std::vector<started_command> started;    ///< may have run: must not run again
  std::vector<finished_command> finished;  ///< to be reported, these bytes
};

// To and from the journal's actor.

/// What a queue has handed out.
struct commands_received {
  std::string queue;
  std::vector<received_command> commands;
};

struct receptions {
  std::vector<reception> each;  ///< in the order of the commands
  std::string wrong;            ///< not empty: nothing was written down, and this is why
};

/// What is about to become of a command, or has become of it.
struct command_step {
  enum class kind { starts, ends, settled };
  kind what = kind::settled;
  std::string queue, id;
  process_identity process;  ///< of what starts
  std::string body;          ///< of what ends: what is going to be reported
  std::optional<audit_entry> audit;
};

struct step_receipt {
  std::string wrong;  ///< not empty: it could not be written down, and this is why
};

/// Asks for what an earlier life has left open in this queue.
struct open_question {
  std::string queue;
};

struct open_answer {
  open_commands open;
  std::string wrong;  ///< not empty: it can't be read now, and this is why
};

}  // namespace reflector
