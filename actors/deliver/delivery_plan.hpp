#pragma once

#include "actors/deliver/batch_window.hpp"
#include "actors/deliver/bisection.hpp"
#include "actors/deliver/circuit_breaker.hpp"
#include "actors/deliver/suspicion.hpp"
#include "config/endpoint_config.hpp"
#include "messages/delivery.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace reflector {

struct delivery_limits {
  std::size_t max_samples = 1;
  std::size_t max_bytes = 0;  ///< of the records in a batch
  retry_config retry;
  std::uint64_t stride = 1;  ///< one sample in so many is sent (thinning.hpp)
};

/// Which records to ask the spool for.
struct wanted_records {
  std::uint64_t reached = 0;
  std::size_t max_samples = 1;
  std::size_t max_bytes = 0;
};

/// What came of a batch.
struct delivery_answer {
  int status = 0;                                        ///< of HTTP; 0: none
  std::optional<std::chrono::milliseconds> retry_after;  ///< as the endpoint asks
  std::optional<std::uint64_t> named;                    ///< the sample it complains about
};

struct delivery_step {
  enum class action : std::uint8_t {
    resend,    ///< the same bytes under the same key
    ask,       ///< give this batch up, if it is not settled, and ask the spool for wanted()
    set_aside  ///< the batch's only sample is refused for good: to the spool, then set_aside()
  };
  action what = action::ask;
  std::chrono::milliseconds wait{0};  ///< before that
};

/// Decides what is sent to an endpoint next, from what came of the batches before: one batch at a
/// time, in order, nothing skipped but what the endpoint refuses alone.
///
/// A batch that fails is sent again as it is until the circuit breaker opens; then the oldest
/// sample goes alone, and batches grow again once it arrives. One that is refused is bisected. A
/// 500 may be either (EGO has no other answer to what it can't take): a batch that gets two is
/// tried with its oldest sample alone, then without it, then bisected; see suspicion for that
/// sample.
///
/// An endpoint that refuses one sample after the other is more likely to be the wrong one (a proxy,
/// another service) than to be right about all of them: from then on each is tried twice, far
/// apart, before it is set aside.
class delivery_plan {
 public:
  /// So many samples set aside in a row are met with patience.
  static constexpr unsigned max_refusals_in_a_row = 20;

  explicit delivery_plan(const delivery_limits& limits);

  wanted_records wanted() const;

  /// Of what the spool gave for wanted(), what to send as one batch. More than was asked for is one
  /// batch all the same: it was on its way when the agent ended. Nothing where it has all arrived
  /// already: ask again.
  /// @param batch not empty
  std::vector<record> batch_of(std::vector<record> batch);

  /// Nothing up to here is for this endpoint.
  void pass_over(std::uint64_t up_to) { settle(up_to); }

  /// The batch, or a probe, is leaving now.
  void sending() { breaker_.sending(); }

  /// @param random01 in [0, 1), for the wait
  delivery_step answered(const delivery_answer& answer, double random01);

  /// The sample of a step `set_aside` is dealt with.
  void set_aside();

  std::uint64_t reached() const { return reached_; }
  circuit_breaker::state breaker() const { return breaker_.now(); }

 private:
  wanted_records thinned(wanted_records wanted) const;
  delivery_step accepted();
  delivery_step refused(const delivery_answer& answer, double random01);
  delivery_step held(const delivery_answer& answer, double random01);
  delivery_step failed(const delivery_answer& answer, double random01);
  delivery_step other_answered();
  void breaker_opened(int status);
  void settle(std::uint64_t up_to);
  std::chrono::milliseconds wait_for(const delivery_answer& answer, int slower, double random01);

  delivery_limits limits_;
  batch_window window_;
  circuit_breaker breaker_;
  bisection range_;
  suspicion suspicion_;
  std::uint64_t reached_ = 0;  ///< newest record that is settled
  std::uint64_t suspect_ = 0;  ///< the one that the suspicion is about, where there is any
  std::uint64_t ahead_ = 0;    ///< one behind it that has arrived already; 0: none
  unsigned refusals_ = 0;      ///< samples set aside since one was accepted

  // The batch.
  std::uint64_t first_ = 0, last_ = 0;
  std::size_t size_ = 0;
  bool other_ = false;          ///< it is the sample that takes turns with the suspect
  unsigned times_500_ = 0;      ///< answers 500 to it
  bool refused_late_ = false;   ///< it was refused, and the long wait after that is over
  unsigned attempt_ = 0;        ///< failures in a row, of whatever
  bool attempts_held_ = false;  ///< they were holds
};

}  // namespace reflector
