#pragma once

#include "messages/interfaces.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

namespace reflector {

/// What a fake spool holds and has seen; the test's own, so that it outlives the actor.
struct fake_spool_content {
  std::vector<record> records;                   ///< all that were committed
  std::map<std::string, std::uint64_t> cursors;  ///< by endpoint
  std::vector<dead_letter> dead_letters;
  std::vector<next_records> questions;  ///< in the order they came
  /// So many records are handed out first, as sent before; 0: as usual.
  std::size_t sent_before = 0;
  bool disk_takes_dead_letters = true;
};

/// A spool in memory, with the answers that the real one would give.
class fake_spool final : public spool_actor::base {
 public:
  fake_spool(caf::actor_config& config, fake_spool_content& content)
      : spool_actor::base(config), content_(content) {}

  behavior_type make_behavior() override {
    return {
        [this](stop_atom) { quit(); },
        [this](const commit& group) {
          content_.records.insert(content_.records.end(), group.records.begin(),
                                  group.records.end());
          answer_waiting();
          return receipt();
        },
        [this](last_atom) { return receipt(); },
        [this](const next_records& wanted) {
          content_.questions.push_back(wanted);
          auto& cursor = content_.cursors[wanted.endpoint];
          cursor = std::max(cursor, wanted.reached);
          auto promise = make_response_promise<slice_promise>();
          waiting_[wanted.endpoint] = {wanted, promise};
          answer_waiting();
          return promise;
        },
        [this](const dead_letter& letter) {
          content_.dead_letters.push_back(letter);
          return dead_letter_receipt{content_.disk_takes_dead_letters};
        },
        [](const configuration_ptr&) {},
    };
  }

  void on_exit() override { waiting_.clear(); }

 private:
  using slice_promise = caf::typed_response_promise<record_slice>;

  commit_receipt receipt() const {
    return {content_.records.empty() ? 0 : content_.records.back().sequence, {}};
  }

  record_slice hand_out(const next_records& wanted) {
    record_slice slice;
    slice.sent_before = content_.sent_before > 0;
    const auto max_samples = slice.sent_before ? content_.sent_before : wanted.max_samples;
    std::size_t bytes = 0;
    const auto cursor = content_.cursors[wanted.endpoint];
    for (const auto& r : content_.records) {
      if (r.sequence <= cursor) continue;
      bytes += r.json->size() + 1;
      const bool fits = slice.records.size() < max_samples && bytes <= wanted.max_bytes;
      if (!slice.records.empty() && !fits) break;
      slice.records.push_back(r);
    }
    if (!slice.records.empty()) {
      content_.sent_before = 0;
      slice.newest = content_.records.back().sequence;
    }
    return slice;
  }

  void answer_waiting() {
    for (auto it = waiting_.begin(); it != waiting_.end();) {
      auto slice = hand_out(it->second.first);
      if (slice.records.empty()) {
        ++it;
        continue;
      }
      auto promise = it->second.second;
      it = waiting_.erase(it);
      promise.deliver(std::move(slice));
    }
  }

  fake_spool_content& content_;
  std::map<std::string, std::pair<next_records, slice_promise>> waiting_;  ///< by endpoint
};

inline spool_actor spawn_fake_spool(caf::actor_system& system, fake_spool_content& content) {
  return caf::actor_cast<spool_actor>(system.spawn<fake_spool>(std::ref(content)));
}

}  // namespace reflector
