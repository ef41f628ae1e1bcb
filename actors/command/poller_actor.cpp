#include "actors/command/poller_actor.hpp"

#include "actors/command/command_queue_json.hpp"
#include "actors/deliver/answer.hpp"
#include "actors/deliver/backoff.hpp"
#include "actors/observe/status_board.hpp"
#include "actors/supervise/child_behavior.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include <caf/actor_clock.hpp>
#include <caf/actor_system.hpp>
#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <spdlog/spdlog.h>

namespace reflector {

struct poll_answered {
  std::shared_ptr<const http_response> response;
};

}  // namespace reflector

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(reflector::poll_answered)

namespace reflector {
namespace {

using std::chrono::milliseconds;
using wake_atom = caf::atom_constant<caf::atom("wake")>;
using poll_atom = caf::atom_constant<caf::atom("poll")>;
using give_up_atom = caf::atom_constant<caf::atom("giveup")>;

constexpr milliseconds stop_patience{600};  // below its stop_deadline in agent.cpp
constexpr milliseconds max_first_wait{500};
constexpr milliseconds no_room_wait{1000};
/// The most that EGO hands out at once; polled with less room, a command could come that has no
/// place.
constexpr std::size_t needed_room = 5;

using poller_self = poller_actor::extend<
    // It is time for the next poll.
    caf::reacts_to<wake_atom>,
    // The wait that the permit asked for is over.
    caf::reacts_to<poll_atom>,
    // The queue has answered.
    caf::reacts_to<poll_answered>,
    // The time to stop in is over.
    caf::reacts_to<give_up_atom>>;

class poller final : public poller_self::base {
 public:
  poller(caf::actor_config& config, poller_dependencies dependencies)
      : poller_self::base{config}, with_{std::move(dependencies)} {}

  behavior_type make_behavior() override {
    behave_as_child(*this);
    // The agents of a room that gets its power back start in the same second.
    wake_in(full_jitter(0, max_first_wait, max_first_wait, with_.random01()));
    return {
        [this](stop_atom) { stop(); },
        [this](wake_atom) { ask_room(); },
        [this](poll_atom) { submit_poll(); },
        [this](const poll_answered& answer) { answered(*answer.response); },
        [this](give_up_atom) { quit(); },
    };
  }

  const char* name() const override { return "poller"; }

  void on_exit() override {
    with_.supervisor = nullptr;
    with_.executor = nullptr;
  }

 private:
  enum class queue_state { unknown, reachable, unreachable };

  // A round is wake, room, permit, poll, answer, and the next wake: each step starts the next one,
  // so that no two polls can be open at a time.

  void wake_in(std::chrono::nanoseconds wait) {
    if (!stopping_) delayed_send(this, wait, wake_atom::value);
  }

  void ask_room() {
    if (stopping_) return;
    request(with_.executor, caf::infinite, room_atom::value)
        .then(
            [this](const command_room& room) {
              if (room.free_places < needed_room)
                return wake_in(std::min(with_.poll, no_room_wait));
              ask_permit();
            },
            [this](const caf::error&) { wake_in(with_.poll); });
  }

  void ask_permit() {
    request(with_.supervisor, caf::infinite,
            permit_request{budget::request, {}, 0, 0, false, with_.queue->request_timeout})
        .then(
            [this](std::chrono::nanoseconds wait) {
              if (wait.count() <= 0) return submit_poll();
              delayed_send(this, wait, poll_atom::value);
            },
            [this](const caf::error&) { wake_in(with_.poll); });
  }

  void submit_poll() {
    if (stopping_) return;
    poll_open_ = true;
    asked_at_ = system().clock().now();
    with_.http.submit(
        poll_request(*with_.queue), [self = poller_self{this}](http_response response) {
          caf::anon_send(self,
                         poll_answered{std::make_shared<const http_response>(std::move(response))});
        });
  }

  void answered(const http_response& response) {
    poll_open_ = false;
    send(with_.supervisor, permit_return{});
    if (response.status != 200) {
      failed(describe(response),
             parse_retry_after(response.retry_after, response.date, with_.wall_now()));
    } else if (const auto pending = parse_pending_commands(response.body)) {
      succeeded(*pending);
    } else {
      failed(pending.error().text, std::nullopt);
    }
    end_if_done();
  }

  void succeeded(const pending_commands& pending) {
    if (state_ != queue_state::reachable)
      spdlog::info("command queue {} is reachable", name_of(*with_.queue));
    state_ = queue_state::reachable;
    if (with_.board != nullptr) with_.board->polled(with_.name, {});
    failures_ = 0;
    const bool odd = pending.unanswerable + pending.repeated > 0;
    if (odd && !odd_) {
      spdlog::warn(
          "command queue {} sent {} entries without a usable id and {} repeated ones; they are "
          "left out",
          name_of(*with_.queue), pending.unanswerable, pending.repeated);
    }
    odd_ = odd;
    std::vector<command> all = pending.commands;
    for (const auto& entry : pending.malformed)
      all.push_back({entry.id, {}, std::nullopt, entry.wrong});
    if (!all.empty()) caf::anon_send(with_.executor, std::move(all));
    wake_in(std::max(asked_at_ + with_.poll - system().clock().now(), std::chrono::nanoseconds{0}));
  }

  void failed(const std::string& why, std::optional<milliseconds> retry_after) {
    if (state_ != queue_state::unreachable) {
      spdlog::warn("command queue {} is unreachable: {}", name_of(*with_.queue), why);
    }
    state_ = queue_state::unreachable;
    if (with_.board != nullptr) with_.board->polled(with_.name, why);
    wake_in(std::max(retry_after.value_or(milliseconds{0}),
                     full_jitter(failures_++, with_.queue->retry.initial, with_.queue->retry.max,
                                 with_.random01())));
  }

  void stop() {
    if (stopping_) return;
    stopping_ = true;
    delayed_send(this, stop_patience, give_up_atom::value);
    end_if_done();
  }

  void end_if_done() {
    if (stopping_ && !poll_open_) quit();
  }

  poller_dependencies with_;
  queue_state state_ = queue_state::unknown;
  bool odd_ = false;  ///< whether the last answer had entries that were left out
  unsigned failures_ = 0;
  bool poll_open_ = false;
  caf::actor_clock::time_point asked_at_{};
  bool stopping_ = false;
};

}  // namespace

poller_actor spawn_poller(caf::actor_system& system, poller_dependencies dependencies) {
  return system.spawn<poller>(std::move(dependencies));
}

}  // namespace reflector
