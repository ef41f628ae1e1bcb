#pragma once

#include "actors/command/process_launcher.hpp"
#include "messages/command.hpp"
#include "messages/fault.hpp"
#include "messages/tick.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
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
  std::vector<command> received;          ///< not started: may run
  std::vector<started_command> started;   ///< may have run: must not run again
  std::vector<finished_command> finished; ///< to be reported, these bytes
};

/// What has become of each command, written down before it does. Each call is on the disk when it
/// returns; a fault means that nothing of it is. Calls may block.
class command_journal {
 public:
  command_journal() = default;
  command_journal(const command_journal&) = delete;
  command_journal& operator=(const command_journal&) = delete;
  virtual ~command_journal() = default;

  /// All of them in one transaction. @return as many as there are commands, in their order; an id
  /// that comes twice among them is known the second time
  virtual result<std::vector<reception>> receive(const std::string& queue,
                                                 std::span<const received_command> commands) = 0;
  /// It is about to run. @param boot_id of the kernel that `process` is one of
  virtual result<void> start(const std::string& queue, const std::string& id,
                             const process_identity& process, const std::string& boot_id) = 0;
  /// It has ended, or was refused. From whatever it was before.
  virtual result<void> finish(const std::string& queue, const std::string& id,
                              std::string_view body) = 0;
  /// The queue has its result, or will never take it. From whatever it was before; its id is
  /// remembered, its line and body are not.
  virtual result<void> settle(const std::string& queue, const std::string& id) = 0;
  /// In the order in which they were received.
  virtual result<open_commands> open(const std::string& queue) = 0;
  /// Whether it could be written now.
  virtual result<void> probe() = 0;
};

}  // namespace reflector
