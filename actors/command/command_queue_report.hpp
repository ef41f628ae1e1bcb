#pragma once

#include "messages/audit.hpp"
#include "messages/sample.hpp"
#include "messages/status.hpp"

#include <cstdint>
#include <string>

namespace reflector {

struct process_outcome;
class status_board;

/// What an executor tells the status board about its queue, as things happen. Without a board
/// nothing happens.
class command_queue_report {
 public:
  /// Puts the queue on the board; what the board has counted for it stays.
  /// @param board null: none  @param policy as in the configuration
  command_queue_report(status_board* board, std::string queue, std::string policy);

  void started(monotonic_time now);
  /// @param what went to the audit log  @param outcome null: nothing was launched
  void ended(audit_entry::event what, const process_outcome* outcome);
  /// Commands that are not started yet, and those that run.
  void holds(std::uint64_t waiting, std::uint64_t running);

  /// @param wrong why it can't be written; empty: it can
  void journal_is(std::string wrong);
  /// Nothing is run before it is known what an earlier life has left open.
  /// @param wrong why it can't be read; empty: it takes long
  void left_open_is_unknown(const std::string& wrong);
  void left_open_is_known();

 private:
  void update();

  status_board* board_;
  command_queue_status said_;
  std::string left_open_, journal_;  ///< what is wrong with them
};

}  // namespace reflector
