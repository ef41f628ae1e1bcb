#pragma once

#include "actors/command/command_gate.hpp"
#include "actors/command/shell_words.hpp"
#include "messages/interfaces.hpp"
#include "tests/fake_launcher.hpp"
#include "tests/scripted_http_client.hpp"
#include "tests/virtual_time.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>

namespace reflector {

/// A supervisor that grants every permit after `wait`, and counts what it was asked for.
struct fake_supervisor {
  std::chrono::nanoseconds wait{0};
  std::vector<budget> asked;
  std::size_t given_back = 0;
  bool answers = true;

  supervisor_actor spawn(caf::actor_system& system) {
    return system.spawn([this](supervisor_actor::pointer self) -> supervisor_actor::behavior_type {
      return {[self](stop_atom) { self->quit(); },
              [this](const permit_request& request) -> caf::result<std::chrono::nanoseconds> {
                asked.push_back(request.of);
                if (!answers) return caf::sec::request_timeout;
                return wait;
              },
              [this](permit_return) { ++given_back; }};
    });
  }
};

/// A reporter that keeps what it is given; it answers at once unless it is told to hold back.
struct fake_reporter {
  using release_atom = caf::atom_constant<caf::atom("release")>;
  using handle = reporter_actor::extend<caf::reacts_to<release_atom>>;

  std::vector<command_report> reports;
  bool holds_back = false;
  bool takes = true;
  std::vector<std::pair<std::string, caf::typed_response_promise<report_receipt>>> held;
  handle self;

  reporter_actor spawn(caf::actor_system& system) {
    self = system.spawn([this](handle::pointer actor) -> handle::behavior_type {
      return {[actor](stop_atom) { actor->quit(); },
              [this, actor](const command_report& report) {
                reports.push_back(report);
                auto promise = actor->make_response_promise<report_receipt>();
                if (holds_back) {
                  held.emplace_back(report.id, promise);
                } else {
                  promise.deliver(report_receipt{report.id, takes});
                }
                return promise;
              },
              [this](release_atom) {
                for (auto& [id, promise] : held) promise.deliver(report_receipt{id, takes});
                held.clear();
              }};
    });
    return self;
  }

  /// Answers what was held back, once `run` has been called.
  void release() {
    holds_back = false;
    caf::anon_send(self, release_atom::value);
  }

  const std::string& body(std::size_t index) const { return *reports.at(index).body; }
};

/// Splits a line as policy "any" does, and refuses those that begin with "refuse".
class fake_gate final : public command_gate {
 public:
  command_decision decide(const command& asked, wall_time) const override {
    command_decision decision;
    const auto words = shell_words(asked.line);
    if (!words || words->empty() || words->front() == "refuse") {
      decision.refused = "refused: so says the test";
      return decision;
    }
    decision.rule = "any";
    if (words->front() == "once") decision.claim = words->back();
    decision.run.emplace().argv = *words;
    decision.run->timeout = asked.timeout.value_or(std::chrono::seconds{30});
    decision.run->max_output_bytes = 100;
    return decision;
  }
  const std::string& fingerprint() const override { return fingerprint_; }

 private:
  std::string fingerprint_ = "fake";
};

/// The answer to a request, once `run` has been called.
template <class T, class Handle, class... Words>
auto ask(virtual_time& time, const Handle& whom, Words&&... words) {
  auto answer = std::make_shared<std::vector<T>>();
  time.system().spawn([=](caf::event_based_actor* self) {
    self->request(whom, caf::infinite, words...)
        .then([answer](const T& value) { answer->push_back(value); }, [](const caf::error&) {});
  });
  return answer;
}

template <class Handle>
bool is_alive(virtual_time& time, const Handle& whom) {
  bool down = false;
  auto watcher = time.system().spawn([&down, whom](caf::event_based_actor* self) -> caf::behavior {
    self->set_down_handler([&down](caf::down_msg&) { down = true; });
    self->monitor(whom);
    return {[self](stop_atom) { self->quit(); }};
  });
  time.run();
  caf::anon_send(watcher, stop_atom::value);
  time.run();
  return !down;
}

}  // namespace reflector
