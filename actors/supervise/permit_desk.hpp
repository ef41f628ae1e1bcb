#pragma once

#include "actors/supervise/permit_ledger.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>

#include <caf/typed_response_promise.hpp>

namespace reflector {

/// Answers those who asked for a permit as the ledger grants it.
class permit_desk {
 public:
  using promise = caf::typed_response_promise<std::chrono::nanoseconds>;

  explicit permit_desk(permit_ledger ledger) : ledger_(std::move(ledger)) {}

  permit_ledger& ledger() { return ledger_; }

  /// @param asker its actor's id
  void ask(const permit_request& asked, std::uint64_t asker, promise answer, monotonic_time now) {
    open_.emplace(ledger_.ask(asked, asker, now), std::move(answer));
  }

  /// The asker has ended, and what it waits for is answered to nobody.
  void gone(std::uint64_t asker) {
    for (const auto ticket : ledger_.gone(asker)) open_.erase(ticket);
  }

  /// Answers what can be answered now.
  /// @return when there may be more without anybody's doing; nothing: never
  std::optional<monotonic_time> answer(monotonic_time now) {
    for (const auto& [ticket, wait] : ledger_.granted(now)) {
      const auto waiting = open_.find(ticket);
      if (waiting == open_.end()) continue;
      waiting->second.deliver(wait);
      open_.erase(waiting);
    }
    return ledger_.next_expiry();
  }

  /// Drops those who wait; promises must not outlive their actor.
  void close() { open_.clear(); }

 private:
  permit_ledger ledger_;
  std::map<permit_ledger::ticket, promise> open_;
};

}  // namespace reflector
