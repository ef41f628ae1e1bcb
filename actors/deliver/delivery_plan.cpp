#include "actors/deliver/delivery_plan.hpp"

#include "actors/deliver/answer.hpp"
#include "actors/deliver/backoff.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace reflector {
namespace {

/// Retries of something only an operator can mend are this many times slower than those of an
/// outage.
constexpr int hold_factor = 10;

/// Of what is mostly thrown away at once.
constexpr std::size_t most_to_thin = 1000;
constexpr std::size_t most_bytes_to_thin = std::size_t{1} << 20;

}  // namespace

delivery_plan::delivery_plan(const delivery_limits& limits)
    : limits_(limits), window_(limits.max_samples) {}

wanted_records delivery_plan::wanted() const {
  wanted_records wanted{reached_, 1, limits_.max_bytes};
  if (suspicion_.others_turn()) {
    // Only one of them is sent, so the batch's bounds say nothing.
    wanted.max_samples = suspicion_.distance() + 1;
    wanted.max_bytes = std::numeric_limits<std::size_t>::max();
  } else if (breaker_.closed() && !suspicion_.active() && refusals_ < max_refusals_in_a_row) {
    wanted.max_samples = range_.active() ? range_.next_size() : window_.samples();
  }
  return thinned(wanted);
}

/// Enough that so many are left of them.
wanted_records delivery_plan::thinned(wanted_records wanted) const {
  if (limits_.stride <= 1) return wanted;
  const auto more = [&](std::size_t count, std::size_t most) {
    return count >= most ? count : std::min<std::size_t>(count * limits_.stride, most);
  };
  wanted.max_samples = more(wanted.max_samples, most_to_thin);
  wanted.max_bytes = more(wanted.max_bytes, most_bytes_to_thin);
  return wanted;
}

std::vector<record> delivery_plan::batch_of(std::vector<record> batch) {
  const auto drop_from = [&](auto is_past) {
    batch.erase(std::find_if(batch.begin(), batch.end(), is_past), batch.end());
  };
  if (batch.front().sequence != suspect_) suspicion_.clear();  // the spool gave it up
  other_ = suspicion_.others_turn() && batch.size() > 1;
  if (other_) {
    batch.erase(batch.begin(), batch.end() - 1);
  } else {
    if (batch.front().sequence > range_.to()) range_.clear();
    // A thinned stream has gaps, so that as many samples as were asked for may reach further.
    const auto end = range_.active()
                         ? std::min(range_.to(), batch.front().sequence + range_.next_size() - 1)
                         : std::numeric_limits<std::uint64_t>::max();
    drop_from([&](const record& r) { return r.sequence > end; });
    if (batch.front().sequence == ahead_) {
      settle(ahead_);
      return {};
    }
    if (ahead_ != 0) drop_from([&](const record& r) { return r.sequence == ahead_; });
  }
  first_ = batch.front().sequence;
  last_ = batch.back().sequence;
  size_ = batch.size();
  times_500_ = 0;
  refused_late_ = false;
  return batch;
}

delivery_step delivery_plan::answered(const delivery_answer& answer, double random01) {
  switch (judge(answer.status)) {
    case verdict::accepted:
      return accepted();
    case verdict::refused:
      return refused(answer, random01);
    case verdict::hold:
      return held(answer, random01);
    case verdict::retry:
      break;
  }
  return failed(answer, random01);
}

delivery_step delivery_plan::accepted() {
  breaker_.succeeded();
  attempt_ = 0;
  refusals_ = 0;
  if (other_) {
    ahead_ = last_;
    return other_answered();
  }
  suspicion_.delivered(times_500_ > 0 || suspicion_.active());
  window_.accepted(size_);
  if (range_.active())
    if (const auto largest = range_.passed(last_)) window_.limit(*largest);
  settle(last_);
  return {delivery_step::action::ask};
}

delivery_step delivery_plan::refused(const delivery_answer& answer, double random01) {
  breaker_.succeeded();
  if (size_ == 1 && !other_ && refusals_ >= max_refusals_in_a_row && !refused_late_) {
    refused_late_ = true;
    return held(answer, random01);
  }
  if (size_ == 1 && !other_) return {delivery_step::action::set_aside};
  attempt_ = 0;
  if (other_) return other_answered();
  range_.refused(
      first_, last_,
      answer.status == 413 ? bisection::evidence::doubtful : bisection::evidence::certain,
      answer.named);
  return {delivery_step::action::ask};
}

delivery_step delivery_plan::other_answered() {
  suspicion_.other_answered();
  return {delivery_step::action::ask};
}

delivery_step delivery_plan::held(const delivery_answer& answer, double random01) {
  if (!std::exchange(attempts_held_, true)) attempt_ = 0;
  return {delivery_step::action::resend, wait_for(answer, hold_factor, random01)};
}

delivery_step delivery_plan::failed(const delivery_answer& answer, double random01) {
  if (std::exchange(attempts_held_, false)) attempt_ = 0;
  const auto wait = wait_for(answer, 1, random01);
  const bool opened = breaker_.failed();
  bool give_up = other_ || (size_ > 1 && !breaker_.closed());
  if (answer.status != 500) {
    suspicion_.outage();
  } else if (other_) {
    suspicion_.other_failed();
  } else if (size_ == 1) {
    suspect_ = first_;
    if (suspicion_.failed()) return {delivery_step::action::set_aside};
    give_up = suspicion_.others_turn();
  } else if (++times_500_ > 1 || range_.doubtful()) {
    // Not known to be more than a bad moment: the oldest alone, and if that arrives the rest.
    const auto oldest = range_.doubtful() ? std::nullopt : std::optional{first_};
    range_.refused(first_, last_, bisection::evidence::doubtful, oldest);
    give_up = true;
  }
  if (opened) breaker_opened(answer.status);
  return {give_up ? delivery_step::action::ask : delivery_step::action::resend, wait};
}

void delivery_plan::breaker_opened(int status) {
  const bool asks_for_less_often = status == 429 || status == 503;
  if (size_ > 1 && !asks_for_less_often)
    window_.failed(size_);
  else
    window_.restart();
  // What 500s had made suspect looks like an outage now.
  if (range_.doubtful()) range_.clear();
}

void delivery_plan::set_aside() {
  breaker_.succeeded();
  // While it refuses everything, the waits go on growing to their longest.
  if (++refusals_ <= max_refusals_in_a_row) attempt_ = 0;
  range_.clear();
  settle(last_);
}

void delivery_plan::settle(std::uint64_t up_to) {
  reached_ = up_to;
  if (ahead_ <= reached_) ahead_ = 0;
  suspicion_.clear();
}

std::chrono::milliseconds delivery_plan::wait_for(const delivery_answer& answer, int slower,
                                                  double random01) {
  const auto wait =
      full_jitter(attempt_++, limits_.retry.initial * slower, limits_.retry.max * slower, random01);
  return std::max(wait, answer.retry_after.value_or(std::chrono::milliseconds{0}));
}

}  // namespace reflector
