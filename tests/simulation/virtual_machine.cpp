#include "tests/simulation/virtual_machine.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include <caf/actor_cast.hpp>
#include <caf/error.hpp>
#include <caf/scheduled_actor.hpp>
#include <caf/sec.hpp>
#include <caf/send.hpp>
#include <caf/system_messages.hpp>

namespace reflector::simulation {
namespace {

/// Of the agent's actors; CAF has some of its own.
constexpr std::array<std::string_view, 8> names{"spool",    "http_uplink", "batcher", "collector",
                                                "reporter", "executor",    "poller",  "supervisor"};

std::string name_of(const caf::weak_actor_ptr& actor) {
  const auto there = actor.lock();
  return dynamic_cast<caf::local_actor&>(*caf::actor_cast<caf::abstract_actor*>(there)).name();
}

}  // namespace

virtual_machine::virtual_machine() : config_(std::make_unique<caf::actor_system_config>()) {
  config_->set("scheduler.policy", caf::atom("testing"));
  system_ = std::make_unique<caf::actor_system>(*config_);
  sched_ = &dynamic_cast<caf::scheduler::test_coordinator&>(system_->scheduler());
  clock_ = &sched_->clock();
  // Not near the clock's own beginning, where a subtraction would go below it.
  clock_->current_time = time_point{} + std::chrono::hours{24};
}

virtual_machine::~virtual_machine() {
  end_all_actors();
}

void virtual_machine::note_actor() {
  caf::resumable* const job = sched_->jobs.front();
  if (job->subtype() != caf::resumable::scheduled_actor) return;
  auto* const next = static_cast<caf::scheduled_actor*>(job);
  const auto id = static_cast<std::size_t>(next->id());
  if (id >= is_known_.size()) is_known_.resize(id + 256);
  if (is_known_[id]) return;
  is_known_[id] = true;
  if (std::find(names.begin(), names.end(), next->name()) == names.end()) return;
  actors_.push_back(caf::actor_cast<caf::weak_actor_ptr>(next));
  if (on_start) on_start(next->name());
}

void virtual_machine::run_messages() {
  while (!sched_->jobs.empty()) {
    note_actor();
    sched_->run_once();
    ++messages_;
    if (steps_left_ > 0 && --steps_left_ == 0) std::exchange(after_steps_, nullptr)();
  }
}

void virtual_machine::run_until(time_point end) {
  for (;;) {
    run_messages();
    const auto& timers = clock_->schedule();
    most_timers_ = std::max(most_timers_, timers.size());
    time_point next = end;
    if (!timers.empty()) next = std::min(next, timers.begin()->first);
    const bool is_event = !events_.empty() && events_.next() <= next;
    if (is_event) next = events_.next();
    if (next >= end && !(is_event && next == end)) {
      clock_->current_time = std::max(clock_->current_time, end);
      if (timers.empty() || timers.begin()->first > clock_->current_time) return;
    }
    clock_->current_time = std::max(clock_->current_time, next);
    if (is_event)
      events_.run_next();
    else
      clock_->trigger_expired_timeouts();
  }
}

void virtual_machine::after_steps(std::uint64_t steps, std::function<void()> what) {
  steps_left_ = steps + 1;
  after_steps_ = std::move(what);
}

void virtual_machine::forget_dead_actors() {
  std::erase_if(actors_, [](const caf::weak_actor_ptr& each) {
    const auto there = each.lock();
    return !there || caf::actor_cast<caf::abstract_actor*>(there)->getf(
                         caf::abstract_actor::is_terminated_flag);
  });
}

void virtual_machine::crash(const caf::weak_actor_ptr& victim) {
  const auto actor = caf::actor_cast<caf::actor>(victim.lock());
  caf::anon_send(actor, caf::exit_msg{actor.address(),
                                      caf::make_error(caf::sec::runtime_error,
                                                      std::string{"a bug nobody thought of"})});
}

std::string virtual_machine::crash(std::uint64_t n) {
  forget_dead_actors();
  if (actors_.empty()) return {};
  const auto& victim = actors_[n % actors_.size()];
  crash(victim);
  return name_of(victim);
}

void virtual_machine::crash_newest(const std::string& name) {
  forget_dead_actors();
  const auto newest = std::find_if(actors_.rbegin(), actors_.rend(),
                                   [&](const auto& each) { return name_of(each) == name; });
  if (newest != actors_.rend()) crash(*newest);
}

void virtual_machine::end_all_actors() {
  after_steps_ = nullptr;
  steps_left_ = 0;
  for (;;) {
    clock_->cancel_all();
    for (const auto& each : actors_)
      if (const auto there = each.lock())
        caf::anon_send_exit(caf::actor_cast<caf::actor>(there), caf::exit_reason::kill);
    actors_.clear();
    run_messages();
    clock_->cancel_all();
    // Those that were begun and had not run before are known now.
    if (actors_.empty()) return;
  }
}

}  // namespace reflector::simulation
