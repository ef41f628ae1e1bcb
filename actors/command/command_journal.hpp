#pragma once

#include "messages/command_journal.hpp"
#include "messages/fault.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace reflector {

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
