#include "actors/supervise/supervisor_report.hpp"

#include "actors/observe/status_board.hpp"

#include <utility>

#include <spdlog/spdlog.h>

namespace reflector {

void supervisor_report::child_is(const actor_status& status) {
  if (board_ != nullptr) board_->publish(status);
}

void supervisor_report::child_is_gone(const std::string& name) {
  if (board_ != nullptr) board_->forget_actor(name);
}

void supervisor_report::endpoint_is_gone(const std::string& name) {
  if (board_ != nullptr) board_->forget_endpoint(name);
}

void supervisor_report::command_queue_is_gone(const std::string& name) {
  if (board_ != nullptr) board_->forget_command_queue(name);
}

void supervisor_report::ticked(const tick& beat, std::uint64_t missed, monotonic_time next) {
  said_.ticks = beat.number;
  said_.missed_ticks += missed;
  said_.degradation = beat.less.level;
  said_.degradation_reason = beat.less.level == 0 ? "" : std::string{name_of(beat.less.reason)};
  if (const auto jump = clock_.seen(beat.at, beat.wall)) {
    spdlog::info("the wall clock was set by {} ms; no timer follows it", jump->count());
    ++said_.clock_jumps;
    said_.last_clock_jump = beat.at;
    said_.last_jump_by = *jump;
  }
  publish();
  if (board_ != nullptr) board_->progress().tick_issued(next);
}

void supervisor_report::budgets_are(const permit_state& state, const limits_config& limits) {
  if (board_ == nullptr) return;
  board_->publish(
      budget_status{"requests", limits.requests_per_second, state.requests, state.waiting});
  board_->publish(budget_status{"samples", limits.samples_per_second, state.samples, 0});
  board_->publish(
      budget_status{"bytes", static_cast<double>(limits.bytes_per_second), state.bytes, 0});
  board_->publish(budget_status{"commands", limits.commands_per_minute / 60, state.commands, 0});
}

void supervisor_report::alive_until(monotonic_time next) {
  if (board_ != nullptr) board_->progress().supervisor_alive(next);
}

void supervisor_report::abandoned(std::size_t threads) {
  said_.abandoned_threads = threads;
  publish();
}

void supervisor_report::reloaded() {
  ++said_.reloads;
  said_.last_reload_error.clear();
  publish();
}

void supervisor_report::reload_refused(std::string why) {
  ++said_.reloads_failed;
  said_.last_reload_error = std::move(why);
  publish();
}

void supervisor_report::publish() {
  if (board_ != nullptr) board_->publish(said_);
}

}  // namespace reflector
