#include "actors/deliver/spool_actor.hpp"

#include "actors/deliver/spool_report.hpp"
#include "actors/observe/status_board.hpp"
#include "actors/supervise/child_behavior.hpp"

#include <map>

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/response_promise.hpp>
#include <caf/spawn_options.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>
#include <spdlog/spdlog.h>

namespace reflector {
namespace {

using namespace std::chrono_literals;

using retry_atom = caf::atom_constant<caf::atom("retry")>;

using spool_self = spool_actor::extend<
    // Time to try again what the disk has refused.
    caf::reacts_to<retry_atom>>;

constexpr auto retry_interval = 1s;

class spool_server final : public spool_self::base {
 public:
  spool_server(caf::actor_config& config, open_spool open, status_board* board)
      : spool_self::base(config), open_(std::move(open)), report_(board) {}

  const char* name() const override { return "spool"; }

  behavior_type make_behavior() override {
    behave_as_child(*this);
    open();
    return {
        [this](stop_atom) { quit(); },
        [this](const commit& group) { return on_commit(group); },
        [this](last_atom) { return on_last(); },
        [this](const next_records& wanted) { return on_next(wanted); },
        [this](const dead_letter& letter) { return on_dead_letter(letter); },
        [this](const configuration_ptr& next) { on_configuration(next); },
        [this](retry_atom) { on_retry(); },
    };
  }

  void on_exit() override {
    waiting_.clear();
    unanswered_ = {};
    spool_.reset();
  }

 private:
  using receipt_promise = caf::typed_response_promise<commit_receipt>;

  struct question {
    next_records wanted;
    caf::typed_response_promise<record_slice> answer;
  };

  void open() {
    const auto busy = report_.working(clock().now());
    auto opened = open_();
    if (opened) {
      if (failing_) spdlog::info("the spool can be opened again");
      failing_ = false;
      spool_ = std::move(*opened);
      if (changed_) spool_->configure(*std::exchange(changed_, nullptr));
      if (unanswered_.pending()) unanswered_.deliver(receipt());
      answer_waiting();
      report_.now_is(*spool_);
      return;
    }
    report_.not_open(opened.error().text);
    if (!failing_)
      spdlog::error("the spool can't be opened: {}; trying again, samples wait in memory",
                    opened.error().text);
    failing_ = true;
    retry_later_if(true);
  }

  void on_retry() {
    retrying_ = false;
    if (!spool_) return open();
    const auto busy = report_.working(clock().now());
    spool_->retry();
    retry_later_if(spool_->needs_retry());
    answer_waiting();
    report_.now_is(*spool_);
  }

  void retry_later_if(bool needed) {
    if (!needed || retrying_) return;
    retrying_ = true;
    delayed_send(this, retry_interval, retry_atom{});
  }

  commit_receipt receipt() const {
    return {spool_->last_sequence(), spool_->lost(), spool_->fullness()};
  }

  commit_receipt on_commit(const commit& group) {
    if (!spool_) throw std::logic_error("a commit before the spool has said its last number");
    const auto busy = report_.working(clock().now());
    spool_->append(group.records);
    retry_later_if(spool_->needs_retry());
    answer_waiting();
    report_.now_is(*spool_);
    return receipt();
  }

  void on_configuration(const configuration_ptr& next) {
    if (spool_)
      spool_->configure(*next);
    else
      changed_ = next;
  }

  receipt_promise on_last() {
    auto promise = make_response_promise<receipt_promise>();
    if (spool_)
      promise.deliver(receipt());
    else
      unanswered_ = promise;
    return promise;
  }

  caf::typed_response_promise<record_slice> on_next(const next_records& wanted) {
    auto promise = make_response_promise<caf::typed_response_promise<record_slice>>();
    record_slice found;
    if (spool_) {
      const auto busy = report_.working(clock().now());
      if (wanted.reached > 0) spool_->acknowledge(wanted.endpoint, wanted.reached);
      found = hand_out(wanted);
      report_.handed_out(wanted.endpoint, found);
      report_.now_is(*spool_);
    }
    if (found.records.empty())
      waiting_[wanted.endpoint] = {wanted, promise};
    else
      promise.deliver(std::move(found));
    return promise;
  }

  dead_letter_receipt on_dead_letter(const dead_letter& letter) {
    const auto busy = report_.working(clock().now());
    return {spool_ && spool_->set_aside(letter)};
  }

  record_slice hand_out(const next_records& wanted) {
    auto found = spool_->hand_out(wanted.endpoint, wanted.max_samples, wanted.max_bytes);
    found.newest = spool_->last_sequence();
    return found;
  }

  void answer_waiting() {
    for (auto it = waiting_.begin(); it != waiting_.end();) {
      const auto& [wanted, answer] = it->second;
      auto found = hand_out(wanted);
      if (found.records.empty()) {
        ++it;
        continue;
      }
      report_.handed_out(wanted.endpoint, found);
      auto promise = answer;
      it = waiting_.erase(it);
      promise.deliver(std::move(found));
    }
  }

  open_spool open_;
  std::unique_ptr<spool> spool_;  ///< null until it could be opened
  spool_report report_;
  receipt_promise unanswered_;               ///< the batcher's, until then
  std::map<std::string, question> waiting_;  ///< by endpoint
  configuration_ptr changed_;                ///< since it was asked to open
  bool failing_ = false;
  bool retrying_ = false;  ///< a retry_atom is on its way
};

}  // namespace

spool_actor spawn_spool(caf::actor_system& system, open_spool open, bool own_thread,
                        status_board* board) {
  const auto self = own_thread ? system.spawn<spool_server, caf::detached>(std::move(open), board)
                               : system.spawn<spool_server>(std::move(open), board);
  return caf::actor_cast<spool_actor>(self);
}

}  // namespace reflector
