#pragma once

#include "messages/sample.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reflector {

/// Decides which member of a group gets a batch. Members are numbers, the best one 0.
///
/// All batches go to the active member. One that fails is given up for this batch, which goes to
/// the next best that has not failed with it; that one is active from then on. A better member that
/// was given up gets a single batch now and then; once these have arrived for `return_after`, it is
/// active again. So a batch is never sent for the sake of trying: each is one that had to go
/// somewhere, and no member gets what another one has taken.
class member_choice {
 public:
  /// @param members at least 1
  member_choice(std::size_t members, std::chrono::milliseconds return_after);

  /// For a batch that is sent for the first time, or after a wait: the round begins anew.
  std::size_t begin(monotonic_time now);

  /// The batch has arrived there, or got an answer that is about what is in it.
  void answered(std::size_t index, monotonic_time now);

  /// It has not. @return the member to try next; nothing where all of them have failed
  std::optional<std::size_t> failed(std::size_t index, monotonic_time now);

  std::size_t active() const { return active_; }

 private:
  struct member {
    bool failed = false;  ///< in this round
    // Of one that is better than the active one.
    std::optional<monotonic_time> well_since;  ///< all that it was tried with since has arrived
    monotonic_time try_at{};                   ///< not before
    unsigned failures = 0;                     ///< in a row
  };

  std::chrono::milliseconds try_each(unsigned failures) const;

  std::chrono::milliseconds return_after_;
  std::size_t active_ = 0;
  std::vector<member> members_;
};

/// The order in which a host prefers the members, by rendezvous hashing: each host has its own, a
/// fleet spreads evenly over them, and when one is added or taken away only those hosts move that
/// it concerns. @return indices into `members`
std::vector<std::size_t> rendezvous_order(std::string_view hostname,
                                          const std::vector<std::string>& members);

}  // namespace reflector
