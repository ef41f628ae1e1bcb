#include "actors/collect/collector_actor.hpp"

#include "actors/supervise/child_behavior.hpp"
#include "actors/supervise/pacer.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <spdlog/spdlog.h>

namespace reflector {
namespace {

using prepared_atom = caf::atom_constant<caf::atom("prepared")>;

using collector_self = collector_actor::extend<
    // The answers that this tick's measurement needs should be there.
    caf::reacts_to<prepared_atom, tick>>;

class collector_shell final : public collector_self::base {
 public:
  collector_shell(caf::actor_config& config, collector_id id, std::unique_ptr<collector> source,
                  batcher_actor batcher)
      : collector_self::base(config),
        id_(id),
        source_(std::move(source)),
        batcher_(std::move(batcher)) {}

  const char* name() const override { return "collector"; }

  behavior_type make_behavior() override {
    behave_as_child(*this);
    return {
        [this](stop_atom) { quit(); },
        [this](const tick& now) { on_tick(now); },
        [this](prepared_atom, const tick& now) { on_prepared(now); },
    };
  }

  void on_exit() override { batcher_ = nullptr; }

 private:
  void on_tick(const tick& now) {
    const auto wait = source_->prepare(now.at);
    if (wait <= wait.zero()) return on_prepared(now);
    tick later = now;
    later.at += wait;
    delayed_send(this, wait, prepared_atom{}, later);
  }

  void on_prepared(const tick& now) {
    if (!has_baseline_ && now.number > 0) {
      // Started again between two ticks: the first reading of a rate is this actor's own business.
      measure(now.at);
      tick later = now;
      later.at += tick_schedule::baseline;
      delayed_send(this, tick_schedule::baseline, later);
      return;
    }
    auto outcome = measure(now.at);
    if (now.number > 0) send(batcher_, measured{now.number, id_, std::move(outcome)});
  }

  std::shared_ptr<const result<reading>> measure(monotonic_time at) {
    has_baseline_ = true;
    auto outcome = std::make_shared<const result<reading>>(source_->measure(at));
    if (outcome->has_value() == failing_) {
      failing_ = !failing_;
      if (failing_)
        spdlog::warn("collector {}: {}; left out of the samples until it works", name_of(id_),
                     outcome->error().text);
      else
        spdlog::info("collector {} works again", name_of(id_));
    }
    return outcome;
  }

  collector_id id_;
  std::unique_ptr<collector> source_;
  batcher_actor batcher_;
  bool has_baseline_ = false;
  bool failing_ = false;
};

}  // namespace

collector_actor spawn_collector(caf::actor_system& system, collector_id id,
                                std::unique_ptr<collector> source, batcher_actor batcher) {
  return caf::actor_cast<collector_actor>(
      system.spawn<collector_shell>(id, std::move(source), std::move(batcher)));
}

}  // namespace reflector
