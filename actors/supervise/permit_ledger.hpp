#pragma once

#include "actors/supervise/pacer.hpp"
#include "actors/supervise/send_budget.hpp"
#include "config/limits_config.hpp"
#include "messages/health.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace reflector {

/// What is left of each budget, for a status page. Tokens below 0 are lent already.
struct permit_state {
  double requests = 0, samples = 0, bytes = 0, commands = 0;  ///< of the whole agent
  double drain_samples = 0;     ///< what a backlog may take of `samples`
  std::size_t in_flight = 0;    ///< requests that have a place among the concurrent ones
  std::size_t waiting = 0;      ///< requests that wait for such a place
  std::uint64_t reclaimed = 0;  ///< places that were never given back
};

/// Keeps all budgets: of the whole agent, of each endpoint, and the drain share.
///
/// Rates are lent: each asker gets its permit at once and is told how long to wait. A request also
/// needs a place among the concurrent ones; while there is none it waits in line, first come, first
/// served, and its answer comes from granted(). A place is given back when the request is over. One
/// that never is (its asker was ended) is free again when that request must be over by its own
/// time-out, not earlier: it may still be on its way. Which actor asks is a number, its id.
class permit_ledger {
 public:
  using ticket = std::uint64_t;
  using grant = std::pair<ticket, std::chrono::nanoseconds>;  ///< how long to wait from now

  /// Beyond a request's own time-out, before its place is taken back.
  static constexpr std::chrono::milliseconds grace{1000};

  permit_ledger(const limits_config& limits,
                const std::map<std::string, endpoint_limits>& endpoints, monotonic_time now);

  /// Other budgets from now on; who waits for a place goes on waiting.
  void change(const limits_config& limits, const std::map<std::string, endpoint_limits>& endpoints,
              monotonic_time now);

  /// Asks for a permit; the answer is in granted(), mostly at once.
  ticket ask(const permit_request& asked, std::uint64_t asker, monotonic_time now);

  /// The permits that can be given now; each is answered once.
  std::vector<grant> granted(monotonic_time now);

  /// A request of this asker is over. Where it has several, the one that began first counts.
  void give_back(std::uint64_t asker);

  /// The asker has ended: what it waits for is of no use to anyone, and is not granted any more.
  std::vector<ticket> gone(std::uint64_t asker);

  /// When granted() may have something without a give_back(); nothing while nobody waits.
  std::optional<monotonic_time> next_expiry() const;

  permit_state state(monotonic_time now) const;

 private:
  struct place {
    std::uint64_t asker;
    monotonic_time from, until;
  };
  struct in_line {
    ticket number;
    std::uint64_t asker;
    monotonic_time from;  ///< when the rates allow it
    std::chrono::milliseconds longest;
    bool needs_place;
  };

  std::chrono::nanoseconds take(const permit_request& asked, monotonic_time now);
  bool has_place(monotonic_time from, monotonic_time until) const;
  void reclaim(monotonic_time now);

  std::size_t max_concurrent_;
  token_bucket commands_, requests_, samples_, bytes_;
  token_bucket drain_requests_, drain_samples_, drain_bytes_;
  std::map<std::string, send_budget> endpoints_;  ///< by name
  std::vector<place> places_;
  std::deque<in_line> line_;
  ticket last_ticket_ = 0;
  std::uint64_t reclaimed_ = 0;
};

}  // namespace reflector
