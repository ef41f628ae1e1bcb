#pragma once

#include <cstdint>

namespace reflector {

/// Whether an endpoint is to be met with batches or, after several failures in a row, with a single
/// sample from time to time.
class circuit_breaker {
 public:
  static constexpr unsigned failures_to_open = 5;

  enum class state : std::uint8_t {
    closed,     ///< all is well, or has been until a moment ago
    open,       ///< nothing is sent until the wait is over
    half_open,  ///< one probe is on its way
  };

  state now() const { return state_; }
  bool closed() const { return state_ == state::closed; }

  /// Something is being sent; when open it is the probe.
  void sending() {
    if (state_ == state::open) state_ = state::half_open;
  }

  void succeeded() {
    state_ = state::closed;
    failures_ = 0;
  }

  /// @return whether this one has opened it
  bool failed() {
    const bool was_closed = closed();
    if (!was_closed || ++failures_ >= failures_to_open) state_ = state::open;
    return was_closed && !closed();
  }

 private:
  state state_ = state::closed;
  unsigned failures_ = 0;  ///< in a row
};

}  // namespace reflector
