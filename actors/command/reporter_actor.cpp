#include "actors/command/reporter_actor.hpp"

#include "actors/deliver/answer.hpp"
#include "actors/deliver/backoff.hpp"
#include "actors/supervise/child_behavior.hpp"
#include "actors/text/quoted.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include <caf/actor_system.hpp>
#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <spdlog/spdlog.h>

namespace reflector {

struct report_answered {
  std::uint64_t report = 0;
  std::shared_ptr<const http_response> response;
};

}  // namespace reflector

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(reflector::report_answered)

namespace reflector {
namespace {

using std::chrono::milliseconds;
using ask_atom = caf::atom_constant<caf::atom("ask")>;
using post_atom = caf::atom_constant<caf::atom("post")>;
using give_up_atom = caf::atom_constant<caf::atom("giveup")>;

constexpr milliseconds stop_patience{250};  // below its stop_deadline in agent.cpp
constexpr milliseconds permit_retry{1000};

using reporter_self = reporter_actor::extend<
    // The queue has answered a submitted report.
    caf::reacts_to<report_answered>,
    // It is time to try this report again.
    caf::reacts_to<ask_atom, std::uint64_t>,
    // The wait that this report's permit asked for is over.
    caf::reacts_to<post_atom, std::uint64_t>,
    // The time to stop in is over.
    caf::reacts_to<give_up_atom>>;

using answer_promise = caf::typed_response_promise<report_receipt>;

struct open_report {
  std::string id;
  std::shared_ptr<const std::string> body;
  answer_promise promise;
  unsigned failures = 0;
  enum class state { backing_off, asking_permit, posted } at = state::backing_off;
};

class reporter final : public reporter_self::base {
 public:
  reporter(caf::actor_config& config, reporter_dependencies dependencies)
      : reporter_self::base{config}, with_{std::move(dependencies)} {}

  behavior_type make_behavior() override {
    behave_as_child(*this);
    return {
        [this](stop_atom) { stop(); },
        [this](const command_report& report) { return take(report); },
        [this](const report_answered& answer) { answered(answer); },
        [this](ask_atom, std::uint64_t number) { ask_permit(number); },
        [this](post_atom, std::uint64_t number) { post(number); },
        [this](give_up_atom) { give_up(); },
    };
  }

  const char* name() const override { return "reporter"; }

  void on_exit() override {
    // Those who ask wait without a time-out.
    for (auto& [number, report] : std::exchange(open_, {})) {
      report.promise.deliver(caf::make_error(caf::sec::request_receiver_down));
    }
    with_.supervisor = nullptr;
  }

 private:
  answer_promise take(const command_report& report) {
    auto promise = make_response_promise<report_receipt>();
    if (open_.size() >= max_open_reports) {
      // The journal keeps it for the next life.
      promise.deliver(caf::make_error(caf::sec::request_receiver_down));
      return promise;
    }
    const auto number = ++last_number_;
    open_.emplace(number, open_report{report.id, report.body, promise});
    ask_permit(number);
    return promise;
  }

  void ask_permit(std::uint64_t number) {
    const auto found = open_.find(number);
    if (found == open_.end() || found->second.at != open_report::state::backing_off) return;
    found->second.at = open_report::state::asking_permit;
    // The budget is kept over minutes; the last second of the agent's life does not ask for it.
    if (stopping_) return post(number);
    request(with_.supervisor, caf::infinite,
            permit_request{budget::request, {}, 0, 0, false, with_.queue->request_timeout})
        .then(
            [this, number](std::chrono::nanoseconds wait) {
              if (wait.count() <= 0) return post(number);
              delayed_send(this, wait, post_atom::value, number);
            },
            [this, number](const caf::error&) { back_off(number, permit_retry); });
  }

  void post(std::uint64_t number) {
    const auto found = open_.find(number);
    if (found == open_.end() || found->second.at != open_report::state::asking_permit) return;
    found->second.at = open_report::state::posted;
    with_.http.submit(
        report_request(*with_.queue, found->second.id, found->second.body),
        [self = reporter_self{this}, number](http_response response) {
          caf::anon_send(
              self,
              report_answered{number, std::make_shared<const http_response>(std::move(response))});
        });
  }

  void answered(const report_answered& answer) {
    send(with_.supervisor, permit_return{});
    const auto found = open_.find(answer.report);
    if (found == open_.end()) return;
    switch (judge_report(*answer.response)) {
      case report_verdict::taken:
        return settle(found, true);
      case report_verdict::never:
        spdlog::warn("{} refuses the result of command {}: {}", name_of(*with_.queue),
                     quoted(found->second.id), describe(*answer.response));
        return settle(found, false);
      case report_verdict::again:
        break;
    }
    if (!failing_) {
      spdlog::warn("results can't be submitted to {} and will be retried: {}",
                   name_of(*with_.queue), describe(*answer.response));
    }
    failing_ = true;
    const auto& retry = with_.queue->retry;
    const auto asked_for =
        parse_retry_after(answer.response->retry_after, answer.response->date, with_.wall_now());
    back_off(answer.report, std::max(asked_for.value_or(milliseconds{0}),
                                     full_jitter(found->second.failures++, retry.initial, retry.max,
                                                 with_.random01())));
  }

  void back_off(std::uint64_t number, milliseconds wait) {
    const auto found = open_.find(number);
    if (found == open_.end()) return;
    found->second.at = open_report::state::backing_off;
    delayed_send(this, wait, ask_atom::value, number);
  }

  void settle(std::map<std::uint64_t, open_report>::iterator settled, bool taken) {
    if (failing_) spdlog::info("results are submitted to {} again", name_of(*with_.queue));
    failing_ = false;
    settled->second.promise.deliver(report_receipt{settled->second.id, taken});
    open_.erase(settled);
    end_if_done();
  }

  void stop() {
    if (stopping_) return;
    stopping_ = true;
    for (const auto& [number, report] : open_) {
      if (report.at == open_report::state::backing_off) anon_send_now(number);
      if (report.at == open_report::state::asking_permit) {
        caf::anon_send(reporter_self{this}, post_atom::value, number);
      }
    }
    delayed_send(this, stop_patience, give_up_atom::value);
    end_if_done();
  }

  void anon_send_now(std::uint64_t number) {
    caf::anon_send(reporter_self{this}, ask_atom::value, number);
  }

  void end_if_done() {
    if (stopping_ && open_.empty()) quit();
  }

  void give_up() {
    spdlog::info("the results of {} commands are submitted to {} after the next start",
                 open_.size(), name_of(*with_.queue));
    quit();
  }

  reporter_dependencies with_;
  std::map<std::uint64_t, open_report> open_;  ///< in the order they came
  std::uint64_t last_number_ = 0;
  bool failing_ = false;
  bool stopping_ = false;
};

}  // namespace

reporter_actor spawn_reporter(caf::actor_system& system, reporter_dependencies dependencies) {
  return system.spawn<reporter>(std::move(dependencies));
}

}  // namespace reflector
