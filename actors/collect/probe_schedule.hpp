#pragma once

#include "messages/sample.hpp"

#include <chrono>
#include <optional>

namespace reflector {

/// When to ask a question that may never be answered, and what is to be thought of it meanwhile.
/// Plain data: who asks, and how, is elsewhere (helper_prober.hpp).
///
///            asked            begun              deadline                  patience
///   idle ───────────▶ queued ────────▶ open ──────────────▶ open, stuck ───────────▶ ending
///    ▲                   │ lost          │ answered, lost        │ answered, lost        │
///    └───────────────────┴───────────────┴───────────────────────┴───────────────────────┘
///
/// Once stuck it is so until there is an answer, however often it is asked again.
class probe_schedule {
 public:
  /// From a helper's taking the question to its being stuck.
  static constexpr std::chrono::seconds deadline{2};
  /// From then on to giving up that helper, for another to ask anew: a file system may have lost
  /// the question and would answer the next one. Doubled each time, up to the longest.
  static constexpr std::chrono::seconds first_patience{10}, longest_patience{320};

  enum class step {
    nothing,
    ask,  ///< now; then say asked(), or lost() where that failed
    end,  ///< the helper that is at it; it may be that it can't be ended, then nothing follows
  };

  step next(monotonic_time now) const;

  void asked();
  void begun(monotonic_time now);
  void answered();
  /// The question was not asked, or the helper that was at it is gone.
  void lost(monotonic_time now);
  void ending();

  bool is_stuck(monotonic_time now) const;
  /// An answer may come.
  bool is_open() const { return phase_ != phase::idle; }

 private:
  enum class phase { idle, queued, open, ending };

  std::chrono::seconds patience() const;

  phase phase_ = phase::idle;
  bool stuck_ = false;     ///< kept from one asking to the next
  unsigned failures_ = 0;  ///< since the last answer
  monotonic_time begun_;
  std::optional<monotonic_time> not_before_;
};

}  // namespace reflector
