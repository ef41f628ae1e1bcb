#include "actors/command/command_queue_report.hpp"

#include "actors/command/process_launcher.hpp"
#include "actors/observe/status_board.hpp"

#include <utility>

namespace reflector {

command_queue_report::command_queue_report(status_board* board, std::string queue,
                                           std::string policy)
    : board_(board) {
  said_.name = std::move(queue);
  said_.policy = std::move(policy);
  if (board_ != nullptr) board_->publish(said_);
}

void command_queue_report::started(monotonic_time now) {
  if (board_ != nullptr) board_->command_started(said_.name, now);
}

void command_queue_report::ended(audit_entry::event what, const process_outcome* outcome) {
  if (board_ == nullptr) return;
  const bool was_cancelled =
      outcome != nullptr && outcome->how == process_outcome::ending::cancelled;
  if (what == audit_entry::event::refused)
    board_->command_refused(said_.name);
  else if (what == audit_entry::event::interrupted || was_cancelled)
    board_->command_interrupted(said_.name);
}

void command_queue_report::holds(std::uint64_t waiting, std::uint64_t running) {
  if (said_.waiting == waiting && said_.running == running) return;
  said_.waiting = waiting;
  said_.running = running;
  update();
}

void command_queue_report::journal_is(std::string wrong) {
  if (journal_ == wrong) return;
  journal_ = std::move(wrong);
  update();
}

void command_queue_report::left_open_is_unknown(const std::string& wrong) {
  if (wrong.empty() && !left_open_.empty()) return;
  left_open_ = wrong.empty() ? "what an earlier agent left open is not known yet"
                             : "what an earlier agent left open can't be read: " + wrong;
  update();
}

void command_queue_report::left_open_is_known() {
  if (std::exchange(left_open_, {}).empty()) return;
  update();
}

void command_queue_report::update() {
  said_.problem = left_open_;
  if (left_open_.empty() && !journal_.empty())
    said_.problem = "they can't be written down: " + journal_;
  if (board_ != nullptr) board_->update(said_);
}

}  // namespace reflector
