#include "actors/supervise/supervisor.hpp"

#include "actors/observe/progress_marks.hpp"
#include "actors/supervise/fault_text.hpp"
#include "actors/supervise/pacer.hpp"
#include "actors/supervise/send_budget.hpp"

#include <algorithm>
#include <random>

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <spdlog/spdlog.h>

namespace reflector {
namespace {

using beat_atom = caf::atom_constant<caf::atom("beat")>;
using again_atom = caf::atom_constant<caf::atom("again")>;
using overdue_atom = caf::atom_constant<caf::atom("overdue")>;

using supervisor_self = supervisor_actor::extend<
    // The next tick is due.
    caf::reacts_to<beat_atom>,
    // The backoff of a child is over (its index, and the life it is about).
    caf::reacts_to<again_atom, std::size_t, std::uint64_t>,
    // The stop deadline of the stage that was being stopped, or of everything, has passed.
    caf::reacts_to<overdue_atom, std::size_t>>;

class supervisor final : public supervisor_self::base {
 public:
  supervisor(caf::actor_config& config, std::vector<child_spec> specs, supervisor_settings settings)
      : supervisor_self::base(config),
        settings_(std::move(settings)),
        random_(settings_.random_seed),
        schedule_(now(), settings_.interval),
        requests_(settings_.limits.requests_per_second, settings_.limits.request_burst, now()),
        commands_(settings_.limits.commands_per_minute / 60,
                  std::max(1.0, settings_.limits.commands_per_minute / 10), now()) {
    for (auto& spec : specs) children_.emplace_back(std::move(spec));
    for (const auto& [endpoint, limits] : settings_.endpoints)
      endpoints_.emplace(endpoint, send_budget{limits, now()});
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
        [this](beat_atom) { on_beat(); },
        [this](again_atom, std::size_t index, std::uint64_t life) { on_again(index, life); },
        [this](overdue_atom, std::size_t stage) { on_overdue(stage); },
    };
  }

  void on_exit() override {
    children_.clear();  // the factories hold handles too, and one of a finished actor would keep
                        // its thread
    if (settings_.on_end) settings_.on_end(in_order_);
  }

 private:
  struct supervised {
    explicit supervised(child_spec description)
        : spec(std::move(description)), policy(spec.limits) {}

    child_spec spec;
    restart_policy policy;
    started_child running;   ///< null while it is down
    std::uint64_t life = 0;  ///< counts starts, so that an outdated wake-up is known as one
    bool ended = false;      ///< while stopping: it is gone
  };

  monotonic_time now() { return clock().now(); }

  double random01() { return std::uniform_real_distribution<double>{0, 1}(random_); }

  // -- running
  // --------------------------------------------------------------------------------------------------

  void start(std::size_t index) {
    supervised& c = children_[index];
    ++c.life;
    try {
      c.running = c.spec.start(system(), caf::actor_cast<supervisor_actor>(this));
      monitor(c.running.handle);
    } catch (const std::exception& e) {
      c.running = {};
      failed(index, e.what());
    }
  }

  void on_down(const caf::down_msg& down) {
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
    const tick beat{schedule_.next_number(), at, settings_.wall_now(),
                    at + settings_.reading_deadline, restarts_};
    if (const auto missed = schedule_.issued(at); missed > 0)
      spdlog::warn("{} ticks were missed: the process or the machine stood still", missed);
    for (const auto& c : children_)
      if (c.running.ticked) send(c.running.ticked, beat);
    if (settings_.progress != nullptr) {
      settings_.progress->supervisor_alive(schedule_.next_due());
      settings_.progress->tick_issued(schedule_.next_due());
    }
    delayed_send(this, std::max(schedule_.next_due() - now(), monotonic_time::duration{0}),
                 beat_atom{});
  }

  std::chrono::nanoseconds permit(const permit_request& asked) {
    auto wait = (asked.of == budget::command ? commands_ : requests_).take(1, now());
    if (const auto own = endpoints_.find(asked.endpoint); own != endpoints_.end())
      wait = std::max(wait, own->second.take(asked, now()));
    return wait;
  }

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
  token_bucket requests_, commands_;
  std::map<std::string, send_budget> endpoints_;  ///< by name
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
