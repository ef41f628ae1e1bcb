#include "actors/deliver/ego_uplink.hpp"

#include "actors/deliver/answer.hpp"
#include "actors/deliver/backoff.hpp"
#include "actors/deliver/batch_window.hpp"
#include "actors/deliver/framing.hpp"
#include "actors/supervise/fault_text.hpp"
#include "actors/text/quoted.hpp"

#include <random>

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <spdlog/spdlog.h>

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(std::shared_ptr<reflector::http_response>)

namespace reflector {
namespace {

using again_atom = caf::atom_constant<caf::atom("again")>;
using send_atom = caf::atom_constant<caf::atom("send")>;
using answer_ptr = std::shared_ptr<http_response>;

using ego_uplink_self = uplink_actor::extend<
    // The wait before a retry is over: ask for a permit.
    caf::reacts_to<again_atom>,
    // The wait that came with a permit is over.
    caf::reacts_to<send_atom>,
    // What came of the request.
    caf::reacts_to<answer_ptr>>;

/// Retries of something only an operator can mend are this many times slower than those of an
/// outage.
constexpr int hold_factor = 10;

class ego_uplink final : public ego_uplink_self::base {
 public:
  ego_uplink(caf::actor_config& config, ego_uplink_settings settings, spool_actor spool,
             http_client& http, supervisor_actor supervisor)
      : ego_uplink_self::base(config),
        settings_(std::move(settings)),
        spool_(std::move(spool)),
        http_(http),
        supervisor_(std::move(supervisor)),
        random_(settings_.random_seed),
        window_(settings_.endpoint.max_batch_samples) {}

  const char* name() const override { return "ego_uplink"; }

  behavior_type make_behavior() override {
    keep_fault_text(*this);
    ask();
    return {
        [this](stop_atom) { on_stop(); },
        [this](again_atom) { ask_permit(); },
        [this](send_atom) { transmit(); },
        [this](const answer_ptr& answer) { on_answer(*answer); },
    };
  }

  void on_exit() override {
    spool_ = nullptr;
    supervisor_ = nullptr;
  }

 private:
  enum class phase { idle, waiting, in_flight };  ///< idle: asked the spool for more
  enum class health { unknown, well, retrying, held };

  const endpoint_config& endpoint() const { return settings_.endpoint; }

  void ask() {
    phase_ = phase::idle;
    next_records wanted{endpoint().name, reached_, window_.samples(),
                        endpoint().max_batch_bytes - ego_frame_bytes};
    // While stopping, no answer for a moment means that nothing waits any more.
    const caf::duration patience =
        stopping_ ? caf::duration{std::chrono::milliseconds{100}} : caf::duration{caf::infinite};
    request(spool_, patience, std::move(wanted))
        .then([this](record_slice& slice) { on_slice(slice); },
              [this](caf::error& why) { on_no_answer(why); });
  }

  void on_no_answer(caf::error& why) { quit(stopping_ ? caf::error{} : std::move(why)); }

  void on_slice(record_slice& slice) {
    batch_ = std::move(slice.records);
    frame();
    ask_permit();
  }

  /// From here on the batch's bytes and key stay as they are, however often it is sent.
  void frame() {
    body_ = std::make_shared<const std::string>(ego_body(batch_));
    attempt_ = 0;
  }

  void ask_permit() {
    phase_ = phase::waiting;
    request(supervisor_, caf::infinite, permit_request{budget::request})
        .then([this](std::chrono::nanoseconds wait) {
          if (wait.count() == 0)
            transmit();
          else
            delayed_send(this, wait, send_atom{});
        });
  }

  void transmit() {
    phase_ = phase::in_flight;
    http_request post;
    post.method = http_request::verb::post;
    post.url = endpoint().url;
    post.headers = settings_.headers;
    post.headers.emplace_back("Content-Type: application/json");
    post.headers.push_back("Idempotency-Key: " + idempotency_key(settings_.agent_id, batch_));
    post.body = body_;
    post.timeout = endpoint().timeout;
    post.peer = settings_.peer;
    http_.submit(std::move(post),
                 [self = caf::actor_cast<ego_uplink_self>(this)](http_response answer) {
                   caf::anon_send(self, std::make_shared<http_response>(std::move(answer)));
                 });
  }

  void on_answer(const http_response& answer) {
    switch (judge(answer.status)) {
      case verdict::accepted:
        return on_accepted(answer);
      case verdict::refused:
        return on_refused(answer);
      case verdict::hold:
        return try_later(answer, health::held);
      case verdict::retry:
        return try_later(answer, health::retrying);
    }
  }

  void on_accepted(const http_response& answer) {
    become(health::well, {});
    note_count(answer);
    settle();
    window_.accepted();
    next();
  }

  void note_count(const http_response& answer) {
    const auto counted = accepted_count(answer.body);
    const bool short_count = counted && *counted < batch_.size();
    if (short_count && !short_count_)
      spdlog::warn("endpoint {}: took {} samples and counts {} of them: it drops some silently",
                   endpoint().name, batch_.size(), *counted);
    short_count_ = short_count;
  }

  void on_refused(const http_response& answer) {
    if (batch_.size() > 1) {
      window_.refused(batch_.size());
      batch_.resize(window_.samples());
      frame();
    } else {
      spdlog::error("endpoint {}: refuses sample {} for good and it is set aside: HTTP {} {}",
                    endpoint().name, batch_.front().sequence, answer.status,
                    quoted(answer.body, 300));
      settle();
    }
    next();
  }

  void try_later(const http_response& answer, health now) {
    become(now, answer.status == 0
                    ? answer.error
                    : "HTTP " + std::to_string(answer.status) + " " + quoted(answer.body, 200));
    if (stopping_) return quit();
    // Two samples of a host that EGO doesn't know, or no longer knows, are a 500: one alone is not.
    window_.failed();
    if (answer.status >= 500 && batch_.size() > 1) {
      batch_.resize(1);
      body_ = std::make_shared<const std::string>(ego_body(batch_));
    }
    const auto slower = now == health::held ? hold_factor : 1;
    auto wait = full_jitter(attempt_++, endpoint().retry.initial * slower,
                            endpoint().retry.max * slower, random01());
    if (const auto asked = parse_retry_after(answer.retry_after, settings_.wall_now()))
      wait = std::max(wait, *asked);
    phase_ = phase::waiting;
    delayed_send(this, wait, again_atom{});
  }

  void settle() {
    reached_ = batch_.back().sequence;
    batch_.clear();
  }

  void next() {
    if (batch_.empty())
      ask();
    else
      ask_permit();
  }

  /// What is on its way may arrive and what waits may follow while the endpoint is well; the
  /// supervisor's deadline bounds it.
  void on_stop() {
    stopping_ = true;
    if (phase_ == phase::idle || health_ == health::retrying || health_ == health::held) quit();
  }

  void become(health now, const std::string& why) {
    if (now == health_) return;
    health_ = now;
    if (now == health::well)
      spdlog::info("endpoint {}: delivering", endpoint().name);
    else if (now == health::retrying)
      spdlog::warn("endpoint {}: {}; samples wait, retrying", endpoint().name, why);
    else
      spdlog::error("endpoint {}: {}; samples wait until this is mended, retrying slowly",
                    endpoint().name, why);
  }

  double random01() { return std::uniform_real_distribution<double>{0, 1}(random_); }

  ego_uplink_settings settings_;
  spool_actor spool_;
  http_client& http_;
  supervisor_actor supervisor_;
  std::mt19937_64 random_;

  batch_window window_;
  std::uint64_t reached_ = 0;                ///< newest record that is settled
  std::vector<record> batch_;                ///< sent or about to be; empty while idle
  std::shared_ptr<const std::string> body_;  ///< of the batch
  phase phase_ = phase::idle;
  health health_ = health::unknown;
  unsigned attempt_ = 0;  ///< failures in a row of this batch
  bool short_count_ = false;
  bool stopping_ = false;
};

}  // namespace

uplink_actor spawn_ego_uplink(caf::actor_system& system, ego_uplink_settings settings,
                              spool_actor spool, http_client& http, supervisor_actor supervisor) {
  return caf::actor_cast<uplink_actor>(system.spawn<ego_uplink>(
      std::move(settings), std::move(spool), std::ref(http), std::move(supervisor)));
}

}  // namespace reflector
