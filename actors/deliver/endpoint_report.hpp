#pragma once

#include "actors/deliver/answer.hpp"
#include "messages/status.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace reflector {

class status_board;

/// What an uplink tells the status board about its endpoint, as things happen. Without a board
/// nothing happens.
class endpoint_report {
 public:
  /// @param board null: none
  endpoint_report(status_board* board, std::string endpoint, std::string kind);

  void sending(monotonic_time now);
  /// @param samples in the batch, delivered if it was accepted
  /// @param answer what came, for people
  void answered(verdict how, std::uint64_t samples, std::string answer, monotonic_time now);
  /// The sample that was refused alone is out of the way.
  void set_aside();
  /// What follows the answer: a wait, where there is one, and how the endpoint is to be met.
  void goes_on(breaker_state breaker, std::optional<monotonic_time> next_attempt);

 private:
  void update();

  status_board* board_;
  endpoint_status said_;
};

}  // namespace reflector
