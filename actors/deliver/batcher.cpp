#include "actors/deliver/batcher.hpp"

#include "actors/deliver/sample_join.hpp"
#include "actors/deliver/sample_json.hpp"
#include "actors/supervise/child_behavior.hpp"

#include <deque>
#include <utility>
#include <vector>

#include <caf/actor_system.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <spdlog/spdlog.h>

namespace reflector {
namespace {

using namespace std::chrono_literals;

using deadline_atom = caf::atom_constant<caf::atom("deadline")>;
using group_atom = caf::atom_constant<caf::atom("group")>;

using batcher_self = batcher_actor::extend<
    // The deadline of this tick's readings.
    caf::reacts_to<deadline_atom, std::uint64_t>,
    // The oldest sample of a group has waited long enough.
    caf::reacts_to<group_atom>>;

// Each commit syncs the disk, so samples that follow each other closely share one. Where the next
// one is farther off than this, waiting for it would be of no use.
constexpr auto longest_group_wait = 200ms;
constexpr std::size_t largest_group = 16;

class batcher final : public batcher_self::base {
 public:
  batcher(caf::actor_config& actor_config, const configuration& config, agent_identity identity,
          spool_actor spool, console_actor watcher, std::shared_ptr<std::atomic<double>> backlog,
          newest_sample* newest)
      : batcher_self::base(actor_config),
        agent_(config.agent),
        identity_(std::move(identity)),
        spool_(std::move(spool)),
        watcher_(std::move(watcher)),
        join_(config.collectors),
        backlog_(std::move(backlog)),
        newest_(newest) {}

  const char* name() const override { return "batcher"; }

  behavior_type make_behavior() override {
    behave_as_child(*this);
    committing_ = true;
    request(spool_, caf::infinite, last_atom{}).then([this](commit_receipt& receipt) {
      on_receipt(receipt);
    });
    return {
        [this](stop_atom) { on_stop(); },
        [this](const tick& now) { on_tick(now); },
        [this](const measured& said) { on_measured(said); },
        [this](const configuration_ptr& next) { changed_ = next; },
        [this](deadline_atom, std::uint64_t number) { take(join_.close(number)); },
        [this](group_atom) { commit_pending(); },
    };
  }

  void on_exit() override {
    spool_ = nullptr;
    watcher_ = nullptr;
  }

 private:
  void on_tick(const tick& now) {
    if (now.number == 0) return;
    restarts_ = now.restarts;
    if (changed_) configure(*std::exchange(changed_, nullptr));
    note_less(now.less);
    take(join_.begin(now));
    deadline_ = now.deadline;
    // Mostly all readings come within a millisecond and the timer, which costs two wake-ups, is for
    // nothing. Where nobody was late before and the next tick isn't far, that one closes the
    // sample.
    const auto left = now.deadline - clock().now();
    if (!late_.empty() || left < agent_.interval / 4)
      delayed_send(this, left, deadline_atom{}, now.number);
  }

  /// Between two samples, so that none is half one configuration's and half the other's.
  void configure(const configuration& next) {
    take(join_.close_open());
    join_.configure(next.collectors);
    agent_ = next.agent;
  }

  void on_measured(const measured& said) {
    if (clock().now() > deadline_) take(join_.close(said.tick));
    take(join_.add(said));
  }

  void note_less(const degraded& less) {
    if (less == less_) return;
    less_ = less;
    if (less.level == 0)
      spdlog::info("within the budget again: everything is measured");
    else
      spdlog::warn("beyond the budget ({}): measuring less, level {}", name_of(less.reason),
                   less.level);
  }

  /// One that still has the last sample before it is shown no other.
  void show(const std::shared_ptr<const sample>& joined) {
    if (!watcher_ || watcher_is_busy_) return;
    watcher_is_busy_ = true;
    request(watcher_, caf::infinite, joined)
        .then([this] { watcher_is_busy_ = false; }, [](const caf::error&) {});
  }

  void take(std::optional<sample> finished) {
    if (!finished) return;
    note_late(*finished);
    auto joined = std::make_shared<const sample>(std::move(*finished));
    show(joined);
    if (pending_.size() >= max_pending) {
      if (dropped_now_++ == 0)
        spdlog::error("the spool does not answer: the oldest samples are being dropped");
      ++dropped_;
      pending_.pop_front();
    }
    pending_.push_back(std::move(joined));
    const bool is_alone = agent_.interval >= longest_group_wait;
    if (is_alone || pending_.size() >= largest_group)
      commit_pending();
    else if (pending_.size() == 1)
      delayed_send(this, longest_group_wait, group_atom{});
  }

  void note_late(const sample& finished) {
    if (finished.late == late_) return;
    late_ = finished.late;
    if (late_.empty())
      spdlog::info("all collectors are in time again");
    else
      spdlog::warn("collectors that missed the deadline and are left out: {}",
                   fmt::join(late_, ", "));
  }

  void commit_pending() {
    if (committing_ || pending_.empty()) return;
    commit group;
    group.records.reserve(pending_.size());
    for (const auto& joined : pending_) {
      const sample_frame frame{agent_, identity_, ++last_, restarts_, lost_, dropped_};
      record next{last_, std::make_shared<const std::string>(sample_json(*joined, frame)), nullptr};
      if (!lost_.empty()) next.declares = std::make_shared<const std::vector<lost_range>>(lost_);
      group.records.push_back(std::move(next));
    }
    pending_.clear();
    if (newest_ != nullptr) newest_->become(group.records.back().json);
    committing_ = true;
    request(spool_, caf::infinite, std::move(group)).then([this](commit_receipt& receipt) {
      on_receipt(receipt);
    });
  }

  void on_receipt(commit_receipt& receipt) {
    committing_ = false;
    last_ = receipt.last_sequence;
    lost_ = std::move(receipt.lost);
    if (backlog_) backlog_->store(receipt.fullness, std::memory_order_relaxed);
    if (dropped_now_ > 0)
      spdlog::error("{} samples were dropped while the spool did not answer", dropped_now_);
    dropped_now_ = 0;
    commit_pending();
    if (stopping_ && !committing_) quit();
  }

  void on_stop() {
    stopping_ = true;
    commit_pending();
    if (!committing_) quit();
  }

  agent_config agent_;
  const agent_identity identity_;
  spool_actor spool_;
  console_actor watcher_;

  configuration_ptr changed_;  ///< from the next tick on
  sample_join join_;
  monotonic_time deadline_;                            ///< of the open sample's readings
  std::deque<std::shared_ptr<const sample>> pending_;  ///< joined, not yet numbered
  bool committing_ = false;
  bool stopping_ = false;
  std::uint64_t last_ = 0;         ///< sequence number given out last
  std::uint64_t dropped_ = 0;      ///< in all
  std::uint64_t dropped_now_ = 0;  ///< since the spool last answered
  std::uint64_t restarts_ = 0;
  std::vector<lost_range> lost_;
  std::vector<std::string> late_;
  degraded less_;
  bool watcher_is_busy_ = false;
  std::shared_ptr<std::atomic<double>> backlog_;
  newest_sample* newest_;
};

}  // namespace

batcher_actor spawn_batcher(caf::actor_system& system, const configuration& config,
                            agent_identity identity, spool_actor spool, console_actor watcher,
                            std::shared_ptr<std::atomic<double>> backlog, newest_sample* newest) {
  return caf::actor_cast<batcher_actor>(system.spawn<batcher>(config, std::move(identity),
                                                              std::move(spool), std::move(watcher),
                                                              std::move(backlog), newest));
}

}  // namespace reflector
