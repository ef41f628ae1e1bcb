#pragma once

#include "messages/sample.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace reflector {

/// Which of the children that were asked for a sign of life have answered. One question to a child
/// at a time; times are from the question to the answer.
///
/// A supervisor that was itself held up (the process was stopped, the machine overloaded) knows
/// nothing about the others: what is open then is counted from anew.
class heartbeats {
 public:
  /// @param interval between rounds
  explicit heartbeats(std::chrono::milliseconds interval) : interval_(interval) {}

  /// Begins a round. @return false: this one comes so late that nobody is hung by it
  bool round(monotonic_time now);

  /// The child may be asked: no question to this life of it is open.
  bool may_ask(std::size_t child, std::uint64_t life) const;
  void asked(std::size_t child, std::uint64_t life, monotonic_time now);

  /// @return how long it took; nothing for an answer of an earlier life
  std::optional<std::chrono::nanoseconds> answered(std::size_t child, std::uint64_t life,
                                                   monotonic_time now);

  /// Its question is open for longer than this.
  bool missed(std::size_t child, std::uint64_t life, std::chrono::milliseconds deadline,
              monotonic_time now) const;

  /// Children have other indices from now on.
  void clear() { open_.clear(); }

 private:
  struct question {
    std::uint64_t life = 0;
    std::optional<monotonic_time> at;
  };

  std::chrono::milliseconds interval_;
  std::optional<monotonic_time> last_round_;
  std::vector<question> open_;  ///< by child
};

}  // namespace reflector
