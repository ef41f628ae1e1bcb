#include "actors/deliver/memory_spool.hpp"

#include "actors/supervise/fault_text.hpp"

#include <map>

#include <caf/actor_system.hpp>
#include <caf/response_promise.hpp>
#include <caf/spawn_options.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>
#include <spdlog/spdlog.h>

namespace reflector {
namespace {

class memory_spool final : public spool_actor::base {
 public:
  memory_spool(caf::actor_config& config, record_queue queue, spool_store store)
      : spool_actor::base(config), queue_(std::move(queue)), store_(std::move(store)) {
    if (!queue_.records().empty()) loaded_up_to_ = queue_.last_sequence();
  }

  const char* name() const override { return "spool"; }

  behavior_type make_behavior() override {
    keep_fault_text(*this);
    return {
        [this](stop_atom) { quit(); },
        [this](const commit& group) { return on_commit(group); },
        [this](last_atom) { return receipt(); },
        [this](const next_records& wanted) { return on_next(wanted); },
    };
  }

  void on_exit() override {
    waiting_.clear();
    if (const auto kept = store_.keep(queue_); !kept)
      spdlog::error("{} samples that wait for an endpoint could not be kept: {}",
                    queue_.records().size(), kept.error().text);
  }

 private:
  struct question {
    next_records wanted;
    caf::typed_response_promise<record_slice> answer;
  };

  commit_receipt receipt() const { return {queue_.last_sequence(), queue_.lost()}; }

  commit_receipt on_commit(const commit& group) {
    const std::size_t lost_before = queue_.lost().size();
    for (const auto& next : group.records) {
      queue_.append(next);
      if (next.declares) queue_.declared(next.sequence, *next.declares);
    }
    if (queue_.lost().size() > lost_before)
      spdlog::error("the spool is full: the oldest samples are being given up, from number {}",
                    queue_.lost().back().from);
    const auto stored = store_.remember_sequence(queue_.last_sequence());
    if (stored.has_value() == store_failing_) {
      store_failing_ = !store_failing_;
      if (store_failing_)
        spdlog::error("{}; after a crash numbers may be used twice", stored.error().text);
      else
        spdlog::info("the sequence number can be written again");
    }
    answer_waiting();
    return receipt();
  }

  caf::typed_response_promise<record_slice> on_next(const next_records& wanted) {
    acknowledge(wanted);
    auto promise = make_response_promise<caf::typed_response_promise<record_slice>>();
    auto found = queue_.hand_out(wanted.endpoint, wanted.max_samples, wanted.max_bytes);
    if (found.empty())
      waiting_[wanted.endpoint] = {wanted, promise};
    else
      promise.deliver(record_slice{std::move(found)});
    return promise;
  }

  void acknowledge(const next_records& wanted) {
    queue_.acknowledge(wanted.endpoint, wanted.reached);
    const bool loaded_waits =
        !queue_.records().empty() && queue_.records().front().sequence <= loaded_up_to_;
    if (loaded_up_to_ > 0 && !loaded_waits) forget_loaded();
  }

  /// What the last stop left is gone from the disk too, or the start after a crash would send it
  /// once more, behind newer samples.
  void forget_loaded() {
    loaded_up_to_ = 0;
    record_queue losses{0};
    losses.remember_lost(queue_.lost());
    if (const auto kept = store_.keep(losses); !kept)
      spdlog::error("{}; after a crash delivered samples may be sent again", kept.error().text);
  }

  void answer_waiting() {
    for (auto it = waiting_.begin(); it != waiting_.end();) {
      const auto& [wanted, answer] = it->second;
      auto found = queue_.hand_out(wanted.endpoint, wanted.max_samples, wanted.max_bytes);
      if (found.empty()) {
        ++it;
        continue;
      }
      auto promise = answer;
      it = waiting_.erase(it);
      promise.deliver(record_slice{std::move(found)});
    }
  }

  record_queue queue_;
  spool_store store_;
  std::map<std::string, question> waiting_;  ///< by endpoint
  bool store_failing_ = false;
  std::uint64_t loaded_up_to_ = 0;  ///< newest that was waiting at the start; 0: all delivered
};

}  // namespace

spool_actor spawn_memory_spool(caf::actor_system& system, record_queue queue, spool_store store,
                               bool own_thread) {
  if (own_thread)
    return system.spawn<memory_spool, caf::detached>(std::move(queue), std::move(store));
  return system.spawn<memory_spool>(std::move(queue), std::move(store));
}

}  // namespace reflector
