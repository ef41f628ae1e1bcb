#pragma once

#include "actors/observe/clock_jumps.hpp"
#include "actors/supervise/permit_ledger.hpp"
#include "config/limits_config.hpp"
#include "messages/status.hpp"
#include "messages/tick.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

namespace reflector {

class status_board;

/// What the supervisor writes on the board, and what it counts for that.
class supervisor_report {
 public:
  /// @param board outlives it; null: nobody is told
  explicit supervisor_report(status_board* board) : board_(board) {}

  void child_is(const actor_status& status);
  void child_is_gone(const std::string& name);
  void endpoint_is_gone(const std::string& name);
  void command_queue_is_gone(const std::string& name);

  /// A tick was issued. @param missed ticks that were not, before it  @param next when one is due
  void ticked(const tick& beat, std::uint64_t missed, monotonic_time next);
  void budgets_are(const permit_state& state, const limits_config& limits);
  /// The supervisor is alive, and says so again by then.
  void alive_until(monotonic_time next);

  void abandoned(std::size_t threads);
  void reloaded();
  void reload_refused(std::string why);

 private:
  void publish();

  status_board* board_;
  supervision_status said_;
  clock_jumps clock_;
};

}  // namespace reflector
