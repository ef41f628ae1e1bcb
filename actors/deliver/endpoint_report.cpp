#include "actors/deliver/endpoint_report.hpp"

#include "actors/observe/status_board.hpp"

#include <utility>

namespace reflector {

endpoint_report::endpoint_report(status_board* board, std::string endpoint, std::string kind)
    : board_(board) {
  said_.name = std::move(endpoint);
  said_.kind = std::move(kind);
  if (board_ != nullptr) board_->publish(said_);
}

void endpoint_report::sending(monotonic_time now) {
  if (board_ == nullptr) return;
  board_->requested(said_.name, now);
  if (!std::exchange(said_.next_attempt, std::nullopt)) return;
  if (said_.breaker == breaker_state::open) said_.breaker = breaker_state::half_open;
  update();
}

void endpoint_report::answered(verdict how, std::uint64_t samples, std::string answer,
                               monotonic_time now) {
  if (board_ == nullptr) return;
  said_.last_answer = std::move(answer);
  said_.last_answer_at = now;
  switch (how) {
    case verdict::accepted:
      said_.state = endpoint_state::well;
      said_.last_success_at = now;
      said_.failures_in_a_row = 0;
      board_->delivered(said_.name, samples, now);
      return;
    case verdict::refused:  // it answers, and a sample is what is wrong
      said_.state = endpoint_state::refusing;
      break;
    case verdict::hold:
      said_.state = endpoint_state::held;
      break;
    case verdict::retry:
      said_.state = endpoint_state::retrying;
      break;
  }
  ++said_.failures_in_a_row;
}

void endpoint_report::set_aside() {
  if (board_ != nullptr) board_->set_aside(said_.name);
}

void endpoint_report::goes_on(breaker_state breaker, std::optional<monotonic_time> next_attempt) {
  said_.breaker = breaker;
  said_.next_attempt = next_attempt;
  update();
}

void endpoint_report::update() {
  if (board_ != nullptr) board_->update(said_);
}

}  // namespace reflector
