#include "actors/supervise/supervisor.hpp"

#include "actors/supervise/fault_text.hpp"
#include "actors/supervise/pacer.hpp"
#include "actors/supervise/permit_ledger.hpp"
#include "actors/supervise/tick_plan.hpp"

#include <algorithm>
#include <random>

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>
#include <spdlog/spdlog.h>

namespace reflector {
namespace {

using beat_atom = caf::atom_constant<caf::atom("beat")>;
using again_atom = caf::atom_constant<caf::atom("again")>;
using expire_atom = caf::atom_constant<caf::atom("expire")>;
using overdue_atom = caf::atom_constant<caf::atom("overdue")>;

using supervisor_self = supervisor_actor::extend<
    // The next tick is due.
    caf::reacts_to<beat_atom>,
    // The backoff of a child is over (its index, and the life it is about).
    caf::reacts_to<again_atom, std::size_t, std::uint64_t>,
    // A request that was never reported as over must be over by now.
    caf::reacts_to<expire_atom>,
    // The stop deadline of the stage that was being stopped, or of everything, has passed.
    caf::reacts_to<overdue_atom, std::size_t>>;

class supervisor final : public supervisor_self::base {
 public:
  supervisor(caf::actor_config& config, std::vector<child_spec> specs, supervisor_settings settings)
      : supervisor_self::base(config),
        settings_(std::move(settings)),
        random_(settings_.random_seed),
        schedule_(now(), settings_.interval),
        permits_(settings_.limits, settings_.endpoints, now()),
        degradation_(settings_.limits),
        plan_(settings_.collectors, settings_.interval) {
    for (auto& spec : specs) children_.emplace_back(std::move(spec));
  }

  const char* name() const override { return "supervisor"; }

  behavior_type make_behavior() override {
    keep_fault_text(*this);
    set_down_handler([this](caf::down_msg& down) { on_down(down); });
    for (std::size_t i = 0; i < children_.size(); ++i) start(i);
    send(this, beat_atom{});
    return {
        [this](stop_atom) { begin_stop(true); },
        [this](const permit_request& asked) { return permit(asked); },
        [this](permit_return) { on_permit_return(); },
        [this](expire_atom) { on_expire(); },
        [this](beat_atom) { on_beat(); },
        [this](again_atom, std::size_t index, std::uint64_t life) { on_again(index, life); },
        [this](overdue_atom, std::size_t stage) { on_overdue(stage); },
    };
  }

  void on_exit() override {
    open_permits_.clear();
    children_.clear();  // the factories hold handles too, and one of a finished actor would keep
                        // its thread
    if (settings_.on_end) settings_.on_end(in_order_);
  }

 private:
  /// One in hand and one behind it: who takes a little longer than an interval misses none.
  static constexpr unsigned max_open_ticks = 2;

  using permit_promise = caf::typed_response_promise<std::chrono::nanoseconds>;

  struct supervised {
    explicit supervised(child_spec description)
        : spec(std::move(description)), policy(spec.limits) {}

    child_spec spec;
    restart_policy policy;
    started_child running;    ///< null while it is down
    std::uint64_t life = 0;   ///< counts starts, so that an outdated wake-up is known as one
    unsigned open_ticks = 0;  ///< that it has not dealt with yet; at most max_open_ticks
    bool ended = false;       ///< while stopping: it is gone
  };

  monotonic_time now() { return clock().now(); }

  double random01() { return std::uniform_real_distribution<double>{0, 1}(random_); }

  // -- running
  // --------------------------------------------------------------------------------------------------

  void start(std::size_t index) {
    supervised& c = children_[index];
    ++c.life;
    c.open_ticks = 0;
    plan_.everyone_next();
    try {
      c.running = c.spec.start(system(), caf::actor_cast<supervisor_actor>(this));
      monitor(c.running.handle);
    } catch (const std::exception& e) {
      c.running = {};
      failed(index, e.what());
    }
  }

  void on_down(const caf::down_msg& down) {
    for (const auto ticket : permits_.gone(down.source.id())) open_permits_.erase(ticket);
    const auto found = std::find_if(children_.begin(), children_.end(), [&](const supervised& c) {
      return c.running.handle && c.running.handle.address() == down.source;
    });
    if (found == children_.end()) return;
    const auto index = static_cast<std::size_t>(found - children_.begin());
    found->running = {};
    if (stopping_) {
      found->ended = true;
      stop_next();
    } else {
      failed(index, fault_text(down.reason));
    }
  }

  void failed(std::size_t index, const std::string& why) {
    supervised& c = children_[index];
    ++restarts_;
    if (c.spec.strategy == restart_strategy::rest_for_one) take_down_rest(index);
    const auto wait = c.policy.on_failure(now(), random01());
    if (wait) {
      spdlog::warn("{} failed: {}; restarting in {} ms", c.spec.name, why, wait->count());
      delayed_send(this, *wait, again_atom{}, index, c.life);
    } else if (c.spec.when_exhausted == exhausted::quarantine) {
      spdlog::error("{} failed: {}; too often, so it stays off for {} minutes", c.spec.name, why,
                    quarantine_time.count());
      c.policy.forgive();
      delayed_send(this, quarantine_time, again_atom{}, index, c.life);
    } else {
      spdlog::error("{} failed: {}; too often, so the agent ends", c.spec.name, why);
      begin_stop(false);
    }
  }

  /// Ends those of the group that were started after this one; they start again with it.
  void take_down_rest(std::size_t index) {
    for (std::size_t i = children_.size(); i-- > index + 1;) {
      supervised& c = children_[i];
      if (c.spec.group != children_[index].spec.group) continue;
      ++c.life;
      if (!c.running.handle) continue;
      demonitor(c.running.handle.address());
      caf::anon_send_exit(c.running.handle, caf::exit_reason::kill);
      c.running = {};
    }
  }

  void on_again(std::size_t index, std::uint64_t life) {
    if (stopping_ || children_[index].life != life) return;
    start(index);
    if (children_[index].spec.strategy != restart_strategy::rest_for_one ||
        !children_[index].running.handle)
      return;
    for (std::size_t i = index + 1; i < children_.size() && !stopping_; ++i)
      if (children_[i].spec.group == children_[index].spec.group && !children_[i].running.handle)
        start(i);
  }

  // -- pacing
  // ---------------------------------------------------------------------------------------------------

  void on_beat() {
    if (stopping_) return;
    const auto at = now();
    tick beat{schedule_.next_number(), at, settings_.wall_now(), at + settings_.reading_deadline,
              restarts_};
    plan_.complete(beat, degradation_.step(settings_.usage ? settings_.usage() : own_usage{},
                                           settings_.backlog ? settings_.backlog() : 0, at));
    if (degradation_.must_restart()) {
      spdlog::error(
          "more memory than limits.max_memory_hard is in use: the agent ends, to be started again");
      return begin_stop(false);
    }
    if (const auto missed = schedule_.issued(at); missed > 0)
      spdlog::warn("{} ticks were missed: the process or the machine stood still", missed);
    if (may_tick())
      for (std::size_t i = 0; i < children_.size(); ++i) give_tick(i, beat);
    delayed_send(this, std::max(schedule_.next_due() - now(), monotonic_time::duration{0}),
                 beat_atom{});
  }

  /// One that has not dealt with its last two ticks gets no other, so that its mailbox can't grow.
  /// While that is the one who joins the readings, nobody does: they would have nowhere to go.
  bool may_tick() const {
    return std::none_of(children_.begin(), children_.end(), [](const supervised& c) {
      return c.open_ticks >= max_open_ticks && c.running.ticked && !c.running.collects;
    });
  }

  void give_tick(std::size_t index, const tick& beat) {
    supervised& c = children_[index];
    if (!c.running.ticked || c.open_ticks >= max_open_ticks) return;
    if (const auto id = c.running.collects; id && !beat.due.test(static_cast<std::size_t>(*id)))
      return;
    ++c.open_ticks;
    const auto dealt_with = [this, index, life = c.life] {
      if (children_[index].life == life) --children_[index].open_ticks;
    };
    // An error: it has ended, and is started again.
    request(c.running.ticked, caf::infinite, beat).then(dealt_with, [](const caf::error&) {});
  }

  permit_promise permit(const permit_request& asked) {
    // Before the promise, which takes the message's sender away.
    const auto ticket = permits_.ask(asked, asker(), now());
    auto promise = make_response_promise<permit_promise>();
    open_permits_.emplace(ticket, promise);
    give_permits();
    return promise;
  }

  void on_permit_return() {
    permits_.give_back(asker());
    give_permits();
  }

  void give_permits() {
    for (const auto& [ticket, wait] : permits_.granted(now())) {
      const auto open = open_permits_.find(ticket);
      if (open == open_permits_.end()) continue;
      open->second.deliver(wait);
      open_permits_.erase(open);
    }
    const auto next = permits_.next_expiry();
    if (!next || expiring_) return;
    expiring_ = true;
    delayed_send(this, std::max(*next - now(), monotonic_time::duration{0}), expire_atom{});
  }

  void on_expire() {
    expiring_ = false;
    give_permits();
  }

  std::uint64_t asker() { return current_sender() ? current_sender()->id() : 0; }

  // -- stopping
  // -------------------------------------------------------------------------------------------------

  void begin_stop(bool in_order) {
    if (stopping_) return;
    stopping_ = true;
    in_order_ = in_order;
    stop_by_ = now() + settings_.stop_deadline;
    next_to_stop_ = children_.size();
    for (auto& c : children_) c.ended = !c.running.handle;
    stop_next();
  }

  /// Tells the next stage to stop once the one before has ended.
  void stop_next() {
    while (std::all_of(children_.begin() + static_cast<std::ptrdiff_t>(next_to_stop_),
                       children_.end(), [](const supervised& c) { return c.ended; })) {
      if (next_to_stop_ == 0) {
        quit();
        return;
      }
      stop_stage();
    }
  }

  void stop_stage() {
    const std::string stage = children_[next_to_stop_ - 1].spec.stop_stage;
    std::chrono::milliseconds deadline{0};
    do {
      supervised& c = children_[--next_to_stop_];
      deadline = std::max(deadline, c.spec.stop_deadline);
      if (c.running.handle) send(c.running.handle, stop_atom{});
    } while (next_to_stop_ > 0 && !stage.empty() &&
             children_[next_to_stop_ - 1].spec.stop_stage == stage);
    const auto left = std::max(stop_by_ - now(), monotonic_time::duration{0});
    delayed_send(this, std::min<monotonic_time::duration>(deadline, left), overdue_atom{},
                 next_to_stop_);
  }

  void on_overdue(std::size_t stage) {
    if (stage != next_to_stop_) return;
    if (now() >= stop_by_) next_to_stop_ = 0;  // no time is left for those that were not told yet
    for (std::size_t i = next_to_stop_; i < children_.size(); ++i) leave_behind(children_[i]);
    stop_next();
  }

  void leave_behind(supervised& c) {
    if (c.ended) return;
    spdlog::warn("{} did not stop by its deadline and is left behind", c.spec.name);
    demonitor(c.running.handle.address());
    caf::anon_send_exit(c.running.handle, caf::exit_reason::kill);
    c.running = {};
    c.ended = true;
  }

  supervisor_settings settings_;
  std::mt19937_64 random_;
  std::vector<supervised> children_;
  tick_schedule schedule_;
  permit_ledger permits_;
  std::map<permit_ledger::ticket, permit_promise> open_permits_;
  bool expiring_ = false;  ///< an expire_atom is on its way
  degradation degradation_;
  tick_plan plan_;
  std::uint64_t restarts_ = 0;

  bool stopping_ = false, in_order_ = false;
  monotonic_time stop_by_;
  std::size_t next_to_stop_ = 0;  ///< children from here on have been told to stop
};

}  // namespace

supervisor_actor spawn_supervisor(caf::actor_system& system, std::vector<child_spec> children,
                                  supervisor_settings settings) {
  return caf::actor_cast<supervisor_actor>(
      system.spawn<supervisor>(std::move(children), std::move(settings)));
}

}  // namespace reflector
