#include "actors/supervise/supervisor.hpp"

#include "actors/supervise/child_behavior.hpp"
#include "actors/supervise/heartbeats.hpp"
#include "actors/supervise/pacer.hpp"
#include "actors/supervise/permit_desk.hpp"
#include "actors/supervise/poison_watch.hpp"
#include "actors/supervise/reload_plan.hpp"
#include "actors/supervise/supervisor_report.hpp"
#include "actors/supervise/tick_plan.hpp"

#include <algorithm>
#include <random>
#include <utility>

#include <caf/actor.hpp>
#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>
#include <spdlog/spdlog.h>

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(reflector::heartbeat)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(reflector::heartbeat_answer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(std::shared_ptr<const reflector::changed_plan>)

namespace reflector {
namespace {

using beat_atom = caf::atom_constant<caf::atom("beat")>;
using pulse_atom = caf::atom_constant<caf::atom("pulse")>;
using again_atom = caf::atom_constant<caf::atom("again")>;
using expire_atom = caf::atom_constant<caf::atom("expire")>;
using overdue_atom = caf::atom_constant<caf::atom("overdue")>;
using leave_atom = caf::atom_constant<caf::atom("leave")>;
using changed_plan_ptr = std::shared_ptr<const changed_plan>;

using supervisor_self = supervisor_actor::extend<
    // The next tick is due, by the schedule of this number.
    caf::reacts_to<beat_atom, std::uint64_t>,
    // Time to ask the children for a sign of life, and to let go of those who gave none.
    caf::reacts_to<pulse_atom>,
    // A child's sign of life.
    caf::reacts_to<heartbeat_answer>,
    // The wait of a node of the tree is over.
    caf::reacts_to<again_atom, std::uint64_t>,
    // A request that was never reported as over must be over by now.
    caf::reacts_to<expire_atom>,
    // The stop deadline of the stage that was being stopped, or of everything, has passed.
    caf::reacts_to<overdue_atom, std::size_t>,
    // The same of a child that a reload has replaced or removed (its life).
    caf::reacts_to<leave_atom, std::uint64_t>,
    // Go on with this.
    caf::reacts_to<changed_plan_ptr>,
    // There was something to go on with, and it was wrong in this way.
    caf::reacts_to<std::string>>;

class supervisor final : public supervisor_self::base, private tree_ground {
 public:
  supervisor(caf::actor_config& config, supervision_plan plan, supervisor_settings settings)
      : supervisor_self::base(config),
        settings_(std::move(settings)),
        report_(settings_.board),
        random_(settings_.random_seed),
        plan_(std::move(plan)),
        tree_(plan_.nodes(), *this),
        children_(plan_.children.size()),
        beats_(settings_.heartbeat_interval),
        schedule_(now(), settings_.interval),
        permits_({settings_.limits, settings_.endpoints, now()}),
        degradation_(settings_.limits),
        ticks_(settings_.collectors, settings_.interval) {
    number_nodes();
  }

  const char* name() const override { return "supervisor"; }

  behavior_type make_behavior() override {
    behave_as_child(*this);
    set_down_handler([this](caf::down_msg& down) { on_down(down); });
    tree_.start();
    send(this, beat_atom{}, schedule_number_);
    pulse();
    return {
        [this](stop_atom) { begin_stop(true); },
        [this](const permit_request& asked) { return permit(asked); },
        [this](permit_return) { on_permit_return(); },
        [this](expire_atom) { on_expire(); },
        [this](beat_atom, std::uint64_t number) { on_beat(number); },
        [this](pulse_atom) { pulse(); },
        [this](const heartbeat_answer& answer) { on_answer(answer); },
        [this](again_atom, std::uint64_t turn) {
          if (!stopping_) tree_.due(turn);
        },
        [this](overdue_atom, std::size_t stage) { on_overdue(stage); },
        [this](leave_atom, std::uint64_t life) { on_leave_overdue(life); },
        [this](const changed_plan_ptr& next) { on_reload(*next); },
        [this](std::string& why) { report_.reload_refused(std::move(why)); },
    };
  }

  void on_exit() override {
    permits_.close();
    plan_ =
        {};  // the factories hold handles too, and one of a finished actor would keep its thread
    children_.clear();
    leaving_.clear();
    if (settings_.on_end) settings_.on_end(in_order_);
  }

 private:
  /// One in hand and one behind it: who takes a little longer than an interval misses none.
  static constexpr unsigned max_open_ticks = 2;

  struct supervised {
    started_child running;    ///< null while it is down
    std::uint64_t life = 0;   ///< unlike any other child's or life's
    unsigned open_ticks = 0;  ///< that it has not dealt with yet; at most max_open_ticks
    bool ended = false;       ///< while stopping: it is gone
    bool is_hung = false;     ///< and is not replaced
    actor_status status;
  };

  /// A child that a reload took out of the plan and that has not ended yet.
  struct leaver {
    child_actor handle;
    std::string name, group;
    std::uint64_t life = 0;
  };

  /// One that was let go, whose thread has not come back yet.
  struct abandoned {
    std::string child;
    caf::actor_addr who;
  };

  const child_spec& spec(std::size_t child) const { return plan_.children[child]; }

  void number_nodes() {
    node_of_.clear();
    child_of_.assign(tree_.nodes().size(), 0);
    for (std::size_t i = 0; i < tree_.nodes().size(); ++i) {
      if (tree_.nodes()[i].is_group) continue;
      child_of_[i] = node_of_.size();
      node_of_.push_back(i);
    }
  }

  // -- what the tree decides

  monotonic_time now() override { return clock().now(); }

  double random01() override { return std::uniform_real_distribution<double>{0, 1}(random_); }

  bool start(std::size_t node) override {
    const auto child = child_of_[node];
    supervised& c = children_[child];
    c.life = ++lives_;
    c.is_hung = false;
    c.open_ticks = 0;
    ticks_.everyone_next();
    try {
      c.running = spec(child).start(
          {system(), caf::actor_cast<supervisor_actor>(this), poisons_.known(spec(child).name)});
      monitor(c.running.handle);
      publish(child, actor_state::running);
      return true;
    } catch (const std::exception& e) {
      c.running = {};
      note_failure(child, {e.what(), "its start"});
      return false;
    }
  }

  void take_down(std::size_t node) override {
    supervised& c = children_[child_of_[node]];
    if (c.running.handle) {
      demonitor(c.running.handle.address());
      caf::anon_send_exit(c.running.handle, caf::exit_reason::kill);
    }
    c.running = {};
    publish(child_of_[node], actor_state::restarting);
  }

  void wake(std::size_t node, std::chrono::milliseconds after, std::uint64_t turn,
            node_state why) override {
    const bool rests = why == node_state::quarantined;
    if (rests)
      spdlog::error("{}: too often, so it stays off for {} minutes", failure_of(node),
                    quarantine_time.count());
    else
      spdlog::warn("{}; restarting in {} ms", failure_of(node), after.count());
    if (!tree_.nodes()[node].is_group)
      publish(child_of_[node], rests ? actor_state::quarantined : actor_state::restarting);
    delayed_send(this, after, again_atom{}, turn);
  }

  void escalated(std::size_t node) override {
    const auto& nodes = tree_.nodes();
    const auto& group = nodes[*nodes[node].parent];
    if (group.parent)
      spdlog::error("{}: too often, so {} starts anew", failure_of(node), group.name);
    else
      spdlog::error("{}: too often", failure_of(node));
  }

  void give_up() override {
    spdlog::error("restarting does not help, so the agent ends");
    begin_stop(false);
  }

  std::string failure_of(std::size_t node) const {
    const auto& it = tree_.nodes()[node];
    if (it.is_group) return it.name;
    const auto& status = children_[child_of_[node]].status;
    std::string said = it.name + " failed";
    if (status.last_failure) {
      said += ": " + status.last_failure->text;
      if (!status.last_failure->message.empty())
        said += " (while handling: " + status.last_failure->message + ')';
    }
    return said;
  }

  // -- failures

  void on_down(const caf::down_msg& down) {
    permits_.gone(down.source.id());
    if (std::erase_if(abandoned_, [&](const abandoned& each) { return each.who == down.source; }))
      return report_.abandoned(abandoned_.size());
    if (left(down.source)) return;
    const auto found = std::find_if(children_.begin(), children_.end(), [&](const supervised& c) {
      return c.running.handle && c.running.handle.address() == down.source;
    });
    if (found == children_.end()) return;
    const auto child = static_cast<std::size_t>(found - children_.begin());
    found->running = {};
    if (stopping_) {
      found->ended = true;
      publish(child, actor_state::ended);
      stop_next();
      return;
    }
    const auto report = report_of(down.reason);
    note_failure(child, report);
    if (poisons_.failed(spec(child).name, report.message, report.text)) {
      ++found->status.set_aside;
      spdlog::error("{} goes on without what has ended it {} times: {}", spec(child).name,
                    poison_watch::times, report.message);
    }
    tree_.ended(node_of_[child], down.reason ? ending::failed : ending::normal);
    if (tree_.state(node_of_[child]) == node_state::finished) publish(child, actor_state::ended);
  }

  void note_failure(std::size_t child, failure_report report) {
    ++restarts_;
    actor_status& status = children_[child].status;
    ++status.restarts;
    status.last_failure = actor_failure{std::move(report.text), std::move(report.message), now(),
                                        settings_.wall_now()};
  }

  // -- heartbeats

  void pulse() {
    if (stopping_) return;
    if (beats_.round(now()))
      for (std::size_t i = 0; i < children_.size() && !stopping_; ++i) look_at(i);
    if (stopping_) return;
    for (std::size_t i = 0; i < children_.size(); ++i) ask_for_life(i);
    report_.alive_until(now() + settings_.heartbeat_interval);
    delayed_send(this, settings_.heartbeat_interval, pulse_atom{});
  }

  void ask_for_life(std::size_t child) {
    const supervised& c = children_[child];
    if (!c.running.handle || !beats_.may_ask(child, c.life)) return;
    beats_.asked(child, c.life, now());
    // Beside the child's own interface, so past what the compiler lets typed actors send.
    caf::actor_cast<caf::strong_actor_ptr>(c.running.handle)
        ->enqueue(ctrl(), caf::make_message_id(), caf::make_message(heartbeat{child, c.life}),
                  context());
  }

  void on_answer(const heartbeat_answer& answer) {
    const auto took = beats_.answered(answer.asked.child, answer.asked.life, now());
    if (!took || answer.asked.child >= children_.size()) return;
    supervised& c = children_[answer.asked.child];
    c.status.heartbeat = *took;
    c.status.mailbox = answer.mailbox;
    if (std::exchange(c.is_hung, false))
      spdlog::info("{} answers again", spec(answer.asked.child).name);
    publish(answer.asked.child, actor_state::running);
  }

  void look_at(std::size_t child) {
    supervised& c = children_[child];
    const child_spec& it = spec(child);
    if (!c.running.handle || !beats_.missed(child, c.life, it.heartbeat_deadline, now())) return;
    if (!it.replace_when_hung) {
      if (!std::exchange(c.is_hung, true))
        spdlog::error("{} has not answered for {} s; it is waited for", it.name,
                      it.heartbeat_deadline.count() / 1000);
      return publish(child, actor_state::hung);
    }
    let_go(child);
  }

  /// Its thread may never come back. The monitor stays, so that it is known when it does.
  void let_go(std::size_t child) {
    supervised& c = children_[child];
    const bool is_stuck = is_abandoned(spec(child).name);
    note_failure(child, {"it has not answered for " +
                             std::to_string(spec(child).heartbeat_deadline.count() / 1000) +
                             " s and is let go",
                         {}});
    abandoned_.push_back({spec(child).name, c.running.handle.address()});
    caf::anon_send_exit(c.running.handle, caf::exit_reason::kill);
    c.running = {};
    report_.abandoned(abandoned_.size());
    if (abandoned_.size() >= settings_.max_abandoned) {
      spdlog::error("{} hung actors have been let go and not come back, so the agent ends",
                    abandoned_.size());
      return begin_stop(false);
    }
    tree_.ended(node_of_[child], is_stuck ? ending::stuck : ending::failed);
  }

  /// Another life of it hangs still.
  bool is_abandoned(const std::string& child) const {
    return std::any_of(abandoned_.begin(), abandoned_.end(),
                       [&](const abandoned& each) { return each.child == child; });
  }

  // -- pacing

  void on_beat(std::uint64_t number) {
    if (stopping_ || number != schedule_number_) return;
    const auto at = now();
    tick beat{schedule_.next_number(), at, settings_.wall_now(), at + settings_.reading_deadline,
              restarts_};
    ticks_.complete(beat, degradation_.step(settings_.usage ? settings_.usage() : own_usage{},
                                            settings_.backlog ? settings_.backlog() : 0, at));
    if (degradation_.must_restart()) {
      spdlog::error(
          "more memory than limits.max_memory_hard is in use: the agent ends, to be started again");
      return begin_stop(false);
    }
    const auto missed = schedule_.issued(at);
    if (missed > 0)
      spdlog::warn("{} ticks were missed: the process or the machine stood still", missed);
    if (may_tick())
      for (auto& c : children_) give_tick(c, beat);
    report_.ticked(beat, missed, schedule_.next_due());
    report_.budgets_are(permits_.ledger().state(at), settings_.limits);
    arm_beat();
  }

  void arm_beat() {
    delayed_send(this, std::max(schedule_.next_due() - now(), monotonic_time::duration{0}),
                 beat_atom{}, schedule_number_);
  }

  /// One that has not dealt with its last two ticks gets no other, so that its mailbox can't grow.
  /// While that is the one who joins the readings, nobody does: they would have nowhere to go.
  bool may_tick() const {
    return std::none_of(children_.begin(), children_.end(), [](const supervised& c) {
      return c.open_ticks >= max_open_ticks && c.running.ticked && !c.running.collects;
    });
  }

  void give_tick(supervised& c, const tick& beat) {
    if (!c.running.ticked || c.open_ticks >= max_open_ticks) return;
    if (const auto id = c.running.collects; id && !beat.due.test(static_cast<std::size_t>(*id)))
      return;
    ++c.open_ticks;
    // An error: it has ended, and is started again.
    request(c.running.ticked, caf::infinite, beat)
        .then([this, life = c.life] { tick_dealt_with(life); }, [](const caf::error&) {});
  }

  void tick_dealt_with(std::uint64_t life) {
    const auto found = std::find_if(children_.begin(), children_.end(),
                                    [&](const supervised& c) { return c.life == life; });
    if (found != children_.end() && found->open_ticks > 0) --found->open_ticks;
  }

  permit_desk::promise permit(const permit_request& asked) {
    const auto who = asker();  // the promise takes the message's sender away
    auto promise = make_response_promise<permit_desk::promise>();
    permits_.ask(asked, who, promise, now());
    give_permits();
    return promise;
  }

  void on_permit_return() {
    permits_.ledger().give_back(asker());
    give_permits();
  }

  void give_permits() {
    const auto next = permits_.answer(now());
    if (!next || expiring_) return;
    expiring_ = true;
    delayed_send(this, std::max(*next - now(), monotonic_time::duration{0}), expire_atom{});
  }

  void on_expire() {
    expiring_ = false;
    give_permits();
  }

  std::uint64_t asker() { return current_sender() ? current_sender()->id() : 0; }

  void publish(std::size_t child, actor_state state) {
    actor_status& status = children_[child].status;
    status.name = spec(child).name;
    status.state = state;
    report_.child_is(status);
  }

  // -- reload

  void on_reload(const changed_plan& next) {
    if (stopping_) return;
    const auto steps = plan_reload(plan_, next.plan);
    std::vector<std::size_t> leave = steps.removed;
    for (const auto& step : steps.steps)
      if (step.what == reload_step::action::replace) leave.push_back(*step.before);
    std::sort(leave.rbegin(), leave.rend());
    for (const auto child : leave) begin_leave(child);
    for (const auto child : steps.removed) forget(spec(child).name);

    std::vector<supervised> children(next.plan.children.size());
    for (std::size_t i = 0; i < children.size(); ++i) {
      const auto& step = steps.steps[i];
      if (step.before) children[i] = std::move(children_[*step.before]);
      if (step.what == reload_step::action::replace) children[i].running = {};
    }
    children_ = std::move(children);
    plan_ = next.plan;
    tree_.replace(plan_.nodes());
    number_nodes();
    beats_.clear();

    for (std::size_t i = 0; i < children_.size(); ++i)
      if (steps.steps[i].what == reload_step::action::reconfigure && children_[i].running.handle)
        spec(i).reconfigure(children_[i].running.handle);
    start_those_that_may();
    apply(next.settings);
    report_.reloaded();
    spdlog::info("the configuration was read again: {}", said_of(steps));
  }

  std::string said_of(const reload_plan& steps) const {
    using action = reload_step::action;
    if (!steps.changes_anything()) return "no actor is concerned";
    std::string said;
    const auto add = [&](const char* what, const std::string& name) {
      said += (said.empty() ? "" : ", ") + name + what;
    };
    for (std::size_t i = 0; i < steps.steps.size(); ++i) {
      if (steps.steps[i].what == action::replace) add(" replaced", spec(i).name);
      if (steps.steps[i].what == action::reconfigure) add(" changed", spec(i).name);
      if (steps.steps[i].what == action::add) add(" added", spec(i).name);
    }
    if (!steps.removed.empty()) add(" removed", std::to_string(steps.removed.size()));
    return said;
  }

  void apply(const supervisor_settings& next) {
    settings_.reading_deadline = next.reading_deadline;
    if (settings_.limits != next.limits || settings_.endpoints != next.endpoints)
      permits_.ledger().change(next.limits, next.endpoints, now());
    degradation_.change(next.limits);
    settings_.limits = next.limits;
    for (const auto& [endpoint, limits] : settings_.endpoints)
      if (!next.endpoints.contains(endpoint)) report_.endpoint_is_gone(endpoint);
    settings_.endpoints = next.endpoints;
    for (const auto& queue : settings_.command_queues)
      if (!next.command_queues.contains(queue)) report_.command_queue_is_gone(queue);
    settings_.command_queues = next.command_queues;
    settings_.collectors = next.collectors;
    ticks_ = {next.collectors, next.interval};
    if (settings_.interval == next.interval) return;
    settings_.interval = next.interval;
    schedule_.change_interval(next.interval, now());
    ++schedule_number_;
    arm_beat();
  }

  void begin_leave(std::size_t child) {
    supervised& c = children_[child];
    tree_.put_down(node_of_[child]);
    if (!c.running.handle) return;
    publish(child, actor_state::stopping);
    send(c.running.handle, stop_atom{});
    delayed_send(this, spec(child).stop_deadline, leave_atom{}, c.life);
    leaving_.push_back({c.running.handle, spec(child).name, spec(child).group, c.life});
    c.running = {};
  }

  void forget(const std::string& child) {
    poisons_.forget(child);
    report_.child_is_gone(child);
  }

  /// @return whether it was one of those
  bool left(const caf::actor_addr& who) {
    const auto gone =
        std::erase_if(leaving_, [&](const leaver& each) { return each.handle.address() == who; });
    if (gone > 0) one_has_left();
    return gone > 0;
  }

  void one_has_left() {
    if (stopping_)
      stop_next();
    else
      start_those_that_may();
  }

  void on_leave_overdue(std::uint64_t life) {
    const auto found = std::find_if(leaving_.begin(), leaving_.end(),
                                    [&](const leaver& each) { return each.life == life; });
    if (found == leaving_.end()) return;
    spdlog::warn("{} did not stop by its deadline and is left behind", found->name);
    abandoned_.push_back({found->name, found->handle.address()});
    caf::anon_send_exit(found->handle, caf::exit_reason::kill);
    leaving_.erase(found);
    one_has_left();
  }

  /// Those that are down without waiting for anything but their predecessor's end, or that of
  /// somebody in their chain.
  void start_those_that_may() {
    for (std::size_t i = 0; i < children_.size() && !stopping_; ++i) {
      const auto& nodes = tree_.nodes();
      const auto node = node_of_[i];
      if (tree_.state(node) != node_state::down) continue;
      const bool is_chained = nodes[*nodes[node].parent].strategy == group_strategy::rest_for_one;
      const bool must_wait = std::any_of(leaving_.begin(), leaving_.end(), [&](const leaver& each) {
        return each.name == spec(i).name || (is_chained && each.group == spec(i).group);
      });
      if (!must_wait) tree_.start_child(node);
    }
  }

  // -- stopping

  void begin_stop(bool in_order) {
    if (stopping_) return;
    stopping_ = true;
    in_order_ = in_order;
    stop_by_ = now() + settings_.stop_deadline;
    next_to_stop_ = children_.size();
    for (auto& c : children_) c.ended = !c.running.handle;
    stop_next();
  }

  /// Tells the next stage to stop once the one before has ended, and those that a reload sent away:
  /// what they still have to say is for the spool, which stops last.
  void stop_next() {
    if (!leaving_.empty()) return;
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
    const std::string stage = spec(next_to_stop_ - 1).stop_stage;
    std::chrono::milliseconds deadline{0};
    do {
      supervised& c = children_[--next_to_stop_];
      deadline = std::max(deadline, spec(next_to_stop_).stop_deadline);
      if (!c.running.handle) continue;
      send(c.running.handle, stop_atom{});
      publish(next_to_stop_, actor_state::stopping);
    } while (next_to_stop_ > 0 && !stage.empty() && spec(next_to_stop_ - 1).stop_stage == stage);
    const auto left_to_stop = std::max(stop_by_ - now(), monotonic_time::duration{0});
    delayed_send(this, std::min<monotonic_time::duration>(deadline, left_to_stop), overdue_atom{},
                 next_to_stop_);
  }

  void on_overdue(std::size_t stage) {
    if (stage != next_to_stop_) return;
    if (now() >= stop_by_) next_to_stop_ = 0;  // no time is left for those that were not told yet
    for (std::size_t i = next_to_stop_; i < children_.size(); ++i) leave_behind(i);
    stop_next();
  }

  void leave_behind(std::size_t child) {
    supervised& c = children_[child];
    if (c.ended) return;
    spdlog::warn("{} did not stop by its deadline and is left behind", spec(child).name);
    demonitor(c.running.handle.address());
    caf::anon_send_exit(c.running.handle, caf::exit_reason::kill);
    c.running = {};
    c.ended = true;
  }

  supervisor_settings settings_;
  supervisor_report report_;
  std::mt19937_64 random_;
  supervision_plan plan_;
  supervision_tree tree_;
  std::vector<supervised> children_;             ///< in the order of the plan
  std::vector<std::size_t> node_of_, child_of_;  ///< child to node of the tree, and back
  std::uint64_t lives_ = 0, restarts_ = 0;
  poison_watch poisons_;

  heartbeats beats_;
  std::vector<abandoned> abandoned_;

  tick_schedule schedule_;
  std::uint64_t schedule_number_ = 0;  ///< counts changes of the schedule
  permit_desk permits_;
  bool expiring_ = false;  ///< an expire_atom is on its way
  degradation degradation_;
  tick_plan ticks_;

  std::vector<leaver> leaving_;

  bool stopping_ = false, in_order_ = false;
  monotonic_time stop_by_;
  std::size_t next_to_stop_ = 0;  ///< children from here on have been told to stop
};

}  // namespace

supervisor_actor spawn_supervisor(caf::actor_system& system, supervision_plan plan,
                                  supervisor_settings settings) {
  return caf::actor_cast<supervisor_actor>(
      system.spawn<supervisor>(std::move(plan), std::move(settings)));
}

void reload_failed(const supervisor_actor& supervisor, std::string why) {
  caf::anon_send(caf::actor_cast<supervisor_self>(supervisor), std::move(why));
}

void reload(const supervisor_actor& supervisor, changed_plan_ptr next) {
  caf::anon_send(caf::actor_cast<supervisor_self>(supervisor), std::move(next));
}

}  // namespace reflector
