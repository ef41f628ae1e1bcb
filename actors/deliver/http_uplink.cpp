#include "actors/deliver/http_uplink.hpp"

#include "actors/deliver/answer.hpp"
#include "actors/deliver/backoff.hpp"
#include "actors/deliver/delivery_log.hpp"
#include "actors/deliver/delivery_plan.hpp"
#include "actors/deliver/ego_encoder.hpp"
#include "actors/deliver/encoder_registry.hpp"
#include "actors/deliver/endpoint_report.hpp"
#include "actors/deliver/framing.hpp"
#include "actors/deliver/member_choice.hpp"
#include "actors/deliver/thinning.hpp"
#include "actors/supervise/child_behavior.hpp"
#include "actors/supervise/describe_message.hpp"

#include <algorithm>
#include <optional>
#include <random>
#include <utility>

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <spdlog/spdlog.h>

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(std::shared_ptr<reflector::http_response>)

namespace reflector {
namespace {

using ask_atom = caf::atom_constant<caf::atom("ask")>;
using again_atom = caf::atom_constant<caf::atom("again")>;
using send_atom = caf::atom_constant<caf::atom("send")>;
using answer_ptr = std::shared_ptr<http_response>;

using http_uplink_self = uplink_actor::extend<
    // The wait before another batch, or the first one, is over: ask the spool.
    caf::reacts_to<ask_atom>,
    // The wait before a retry is over: ask for a permit.
    caf::reacts_to<again_atom>,
    // The wait that came with a permit is over.
    caf::reacts_to<send_atom>,
    // What came of the request.
    caf::reacts_to<answer_ptr>>;

/// What every member takes. EGO's limit is one of the body, which has something around the samples.
delivery_limits limits_of(const http_uplink_settings& settings) {
  delivery_limits limits{~std::size_t{0}, ~std::size_t{0}, settings.members.front().endpoint.retry,
                         settings.stride};
  for (const auto& [endpoint, headers, peer] : settings.members) {
    const std::size_t around = endpoint.kind == endpoint_kind::ego ? ego_frame_bytes : 0;
    limits.max_samples = std::min<std::size_t>(limits.max_samples, endpoint.max_batch_samples);
    limits.max_bytes = std::min<std::size_t>(limits.max_bytes, endpoint.max_batch_bytes - around);
  }
  return limits;
}

/// How long the last request may take when the agent stops; the supervisor gives it a second.
constexpr std::chrono::milliseconds farewell_timeout{800};

class http_uplink final : public http_uplink_self::base {
 public:
  http_uplink(caf::actor_config& config, http_uplink_settings settings, spool_actor spool,
              http_client& http, supervisor_actor supervisor)
      : http_uplink_self::base(config),
        settings_(std::move(settings)),
        spool_(std::move(spool)),
        http_(http),
        supervisor_(std::move(supervisor)),
        random_(settings_.random_seed),
        choice_(settings_.members.size(), settings_.return_after),
        plan_(limits_of(settings_)),
        log_(settings_.name),
        report_(settings_.board, settings_.name, settings_.kind) {
    for (const auto& each : settings_.members) encoders_.push_back(make_encoder(each.endpoint));
    is_down_.assign(settings_.members.size(), false);
  }

  const char* name() const override { return "http_uplink"; }

  behavior_type make_behavior() override {
    behave_as_child(*this);
    after(full_jitter(0, endpoint().start_spread, endpoint().start_spread, random01()), ask_atom{});
    return {
        [this](stop_atom) { on_stop(); },
        [this](ask_atom) { ask(); },
        [this](again_atom) {
          begin_again();
          ask_permit();
        },
        [this](send_atom) { transmit(); },
        [this](const answer_ptr& answer) { on_answer(*answer); },
    };
  }

  void on_exit() override {
    spool_ = nullptr;
    supervisor_ = nullptr;
  }

 private:
  /// The one that the batch goes to.
  const uplink_member& member() const { return settings_.members[member_]; }
  const endpoint_config& endpoint() const { return member().endpoint; }
  batch_encoder& encoder() { return *encoders_[member_]; }
  bool is_group() const { return settings_.members.size() > 1; }

  void ask() {
    auto wanted = plan_.wanted();
    if (wanted.reached < singly_until_) wanted.max_samples = 1;
    request(spool_, caf::infinite,
            next_records{settings_.name, wanted.reached, wanted.max_samples, wanted.max_bytes})
        .then([this](record_slice& slice) { on_slice(slice); });
  }

  void on_slice(record_slice& slice) {
    const poison* const known = poison_of(slice);
    if (known != nullptr && slice.records.size() > 1) {
      singly_until_ = slice.records.back().sequence;
      return ask();
    }
    const std::uint64_t up_to = slice.records.back().sequence;
    thin(slice.records, settings_.stride);
    if (slice.records.empty()) {
      plan_.pass_over(up_to);
      return ask();
    }
    auto batch = plan_.batch_of(std::move(slice.records));
    if (batch.empty()) return ask();
    if (known != nullptr) {
      frame_.records = std::move(batch);
      http_response none;
      none.body = "not sent: it ended the actor that sends " + std::to_string(poison_watch::times) +
                  " times: " + known->why;
      return set_aside(none);
    }
    is_backlog_ = slice.newest > batch.back().sequence;
    // By an earlier agent, and to which of them is not known.
    may_have_it_.assign(settings_.members.size(), slice.sent_before);
    begin(std::move(batch));
    ask_permit();
  }

  void begin(std::vector<record> batch) {
    member_ = choice_.begin(clock().now());
    frame_ = frame_for(std::move(batch), encoder(), settings_.agent_id, endpoint().compression);
  }

  /// The same batch once more, the same bytes where it goes to the same member.
  void begin_again() {
    const std::size_t before = member_;
    member_ = choice_.begin(clock().now());
    if (member_ != before) reframe();
  }

  void reframe() {
    frame_ =
        frame_for(std::move(frame_.records), encoder(), settings_.agent_id, endpoint().compression);
  }

  const poison* poison_of(const record_slice& slice) const {
    if (settings_.poisons.empty()) return nullptr;
    const auto message = describe_message(slice);
    const auto found = std::find_if(settings_.poisons.begin(), settings_.poisons.end(),
                                    [&](const poison& each) { return each.message == message; });
    return found == settings_.poisons.end() ? nullptr : &*found;
  }

  void ask_permit() {
    request(supervisor_, caf::infinite,
            permit_request{budget::request, endpoint().name, frame_.records.size(),
                           frame_.body_bytes, is_backlog_, endpoint().timeout})
        .then([this](std::chrono::nanoseconds wait) {
          if (wait.count() == 0)
            transmit();
          else
            delayed_send(this, wait, send_atom{});
        });
  }

  void transmit() {
    plan_.sending();
    in_flight_ = true;
    report_.sending(clock().now());
    submit(frame_, endpoint().timeout);
  }

  void submit(const delivery_frame& frame, std::chrono::milliseconds timeout) {
    http_request post;
    post.method = http_request::verb::post;
    post.url = encoder().url_of(endpoint());
    post.headers = member().headers.now();
    post.headers.insert(post.headers.end(), frame.headers.begin(), frame.headers.end());
    post.body = frame.body;
    post.timeout = timeout;
    post.peer = member().peer;
    http_.submit(std::move(post),
                 [self = caf::actor_cast<http_uplink_self>(this)](http_response answer) {
                   caf::anon_send(self, std::make_shared<http_response>(std::move(answer)));
                 });
  }

  void on_answer(const http_response& answer) {
    in_flight_ = false;
    if (is_farewell_) return quit();
    send(supervisor_, permit_return{});
    const std::size_t samples = frame_.records.size();
    const bool sent_before = may_have_it_.at(member_);
    if (answer.status != 0 || answer.reached >= http_stage::connected)
      may_have_it_.at(member_) = true;
    auto meaning = encoder().understand(answer, samples, sent_before);
    meaning.status = without_gateways_page(meaning.status, answer);
    const verdict how = judge(meaning.status);
    if (is_group() && goes_to_another(how, answer)) return;
    log_.answered(meaning, answer, samples);
    report_.answered(how, samples, said(answer), clock().now());
    if (how == verdict::accepted) newest_taken_ = frame_.records.back();
    const auto step = plan_.answered(
        {meaning.status, parse_retry_after(answer.retry_after, answer.date, settings_.wall_now()),
         sequence_of(meaning.named)},
        random01());
    report_.goes_on(breaker(), step.wait.count() == 0 ? std::nullopt
                                                      : std::optional{clock().now() + step.wait});
    if (stopping_) return end();
    switch (step.what) {
      case delivery_step::action::resend:
        return after(step.wait, again_atom{});
      case delivery_step::action::ask:
        // At once where it may be: what has arrived is known to the spool before a stop can come.
        if (step.wait.count() == 0) return ask();
        return after(step.wait, ask_atom{});
      case delivery_step::action::set_aside:
        return set_aside(answer);
    }
  }

  /// In a group another member may take what this one has not.
  /// @return whether the batch is on its way to that one
  bool goes_to_another(verdict how, const http_response& answer) {
    const std::size_t active = choice_.active();
    if (how == verdict::accepted || how == verdict::refused) {
      choice_.answered(member_, clock().now());
      is_down_.at(member_) = false;
    } else {
      const auto next = choice_.failed(member_, clock().now());
      if (next && !stopping_) {
        if (!is_down_.at(member_))  // once, not each time that it is tried again
          spdlog::warn("endpoint {}: {}; trying {}", settings_.name, said(answer),
                       settings_.members[*next].endpoint.name);
        is_down_.at(member_) = true;
        member_ = *next;
        reframe();
        ask_permit();
        return true;
      }
    }
    if (choice_.active() != active)
      spdlog::info("endpoint {}: samples go to {} from now on", settings_.name,
                   settings_.members[choice_.active()].endpoint.name);
    return false;
  }

  /// The answer for people, and in a group whose it is.
  std::string said(const http_response& answer) const {
    return (is_group() ? endpoint().name + ": " : "") + described(answer);
  }

  /// Of the sample that the endpoint names.
  std::optional<std::uint64_t> sequence_of(std::optional<std::size_t> named) const {
    if (!named || *named >= frame_.records.size()) return std::nullopt;
    return frame_.records[*named].sequence;
  }

  template <class Atom>
  void after(std::chrono::milliseconds wait, Atom what) {
    if (wait.count() == 0)
      send(this, what);
    else
      delayed_send(this, wait, what);
  }

  void set_aside(const http_response& answer) {
    const record& refused = frame_.records.front();
    request(spool_, caf::infinite, dead_letter{settings_.name, refused, answer.status, answer.body})
        .then([this, answer](const dead_letter_receipt& receipt) {
          log_.set_aside(frame_.records.front().sequence, answer, receipt.kept);
          plan_.set_aside();
          report_.set_aside();
          ask();
        });
  }

  breaker_state breaker() const {
    switch (plan_.breaker()) {
      case circuit_breaker::state::closed:
        return breaker_state::closed;
      case circuit_breaker::state::open:
        return breaker_state::open;
      case circuit_breaker::state::half_open:
        return breaker_state::half_open;
    }
    return breaker_state::closed;
  }

  /// What is on its way may arrive; all else is in the spool and keeps.
  void on_stop() {
    stopping_ = true;
    if (!in_flight_) farewell();
  }

  /// The spool stops after this actor does, so it still gets what is said here. Asked for one
  /// record, it notes no batch as on its way.
  void end() {
    if (plan_.reached() > 0)
      caf::anon_send(spool_, next_records{settings_.name, plan_.reached(), 1, 0});
    farewell();
  }

  /// No permit: it is one request, and whoever gives permits is stopping too.
  void farewell() {
    const bool takes_samples = newest_taken_ && plan_.breaker() == circuit_breaker::state::closed;
    if (!takes_samples) return quit();
    auto last = encoder().farewell(*newest_taken_);
    if (!last) return quit();
    is_farewell_ = true;
    in_flight_ = true;
    submit(frame_for(std::move(*last), endpoint().compression), farewell_timeout);
  }

  double random01() { return std::uniform_real_distribution<double>{0, 1}(random_); }

  http_uplink_settings settings_;
  spool_actor spool_;
  http_client& http_;
  supervisor_actor supervisor_;
  std::mt19937_64 random_;

  std::vector<std::unique_ptr<batch_encoder>> encoders_;  ///< of the members
  member_choice choice_;
  std::size_t member_ = 0;
  delivery_plan plan_;
  delivery_log log_;
  endpoint_report report_;
  std::uint64_t singly_until_ = 0;  ///< up to this record one at a time, to find the poison
  delivery_frame frame_;            ///< sent or about to be
  std::vector<bool> may_have_it_;   ///< by member: the batch was sent to it before
  std::vector<bool> is_down_;       ///< by member: it failed when it was last tried
  std::optional<record> newest_taken_;
  bool is_farewell_ = false;  ///< what is on its way
  bool is_backlog_ = false;   ///< more waits behind it
  bool in_flight_ = false;
  bool stopping_ = false;
};

}  // namespace

uplink_actor spawn_http_uplink(caf::actor_system& system, http_uplink_settings settings,
                               spool_actor spool, http_client& http, supervisor_actor supervisor) {
  return caf::actor_cast<uplink_actor>(system.spawn<http_uplink>(
      std::move(settings), std::move(spool), std::ref(http), std::move(supervisor)));
}

}  // namespace reflector
