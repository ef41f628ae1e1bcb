#include "actors/command/executor_actor.hpp"

#include "actors/command/command_audit.hpp"
#include "actors/command/command_outcome.hpp"
#include "actors/command/command_queue_json.hpp"
#include "actors/supervise/child_behavior.hpp"
#include "actors/text/quoted.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <utility>
#include <vector>

#include <caf/actor_system.hpp>
#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <spdlog/spdlog.h>

namespace reflector {

struct process_ready {
  std::string id;
  process_identity process;
};

struct process_ended {
  std::string id;
  std::shared_ptr<const process_outcome> outcome;
};

}  // namespace reflector

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(reflector::process_ready)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(reflector::process_ended)

namespace reflector {
namespace {

using std::chrono::milliseconds;
using recover_atom = caf::atom_constant<caf::atom("recover")>;
using ask_atom = caf::atom_constant<caf::atom("ask")>;
using start_atom = caf::atom_constant<caf::atom("start")>;
using give_up_atom = caf::atom_constant<caf::atom("giveup")>;

constexpr milliseconds stop_patience{1300};  // below its stop_deadline in agent.cpp
constexpr milliseconds retry_wait{1000};

using executor_self = executor_actor::extend<
    // Ask the journal again for what was left open.
    caf::reacts_to<recover_atom>,
    // A command can be started: this is what it will run under.
    caf::reacts_to<process_ready>,
    // A command's process has ended, or could not be started.
    caf::reacts_to<process_ended>,
    // Ask for a permit again, after the supervisor did not answer the last time.
    caf::reacts_to<ask_atom>,
    // The wait that a permit asked for is over.
    caf::reacts_to<start_atom>,
    // The time to stop in is over.
    caf::reacts_to<give_up_atom>>;

/// A command from its arrival until its queue has the answer.
struct command_in_hand {
  command asked;
  command_decision decision;
  enum class state {
    arriving,   ///< the journal is being told
    waiting,    ///< for a place and a permit
    preparing,  ///< nothing runs yet
    running,
    ending,  ///< it will not run any more; its answer is being journaled or is with the reporter
  } at = state::arriving;
  std::uint64_t launch = 0;  ///< of what is being prepared or runs
  std::string not_started;   ///< why what was prepared is not going to run
};

class executor final : public executor_self::base {
 public:
  executor(caf::actor_config& config, executor_dependencies dependencies)
      : executor_self::base{config}, with_{std::move(dependencies)} {}

  behavior_type make_behavior() override {
    behave_as_child(*this);
    recover();
    return {
        [this](stop_atom) { stop(); },
        [this](room_atom) { return command_room{offered_places()}; },
        [this](const std::vector<command>& commands) { take(commands); },
        [this](recover_atom) { recover(); },
        [this](const process_ready& ready) { process_is_ready(ready); },
        [this](const process_ended& ended) { process_has_ended(ended); },
        [this](ask_atom) { ask_permit(); },
        [this](start_atom) { prepare_next(); },
        [this](give_up_atom) { give_up(); },
    };
  }

  const char* name() const override { return "executor"; }

  void on_exit() override {
    // Ended by a failure: what it has started would run beside what its successor starts. At a stop
    // they have been cancelled, and the launcher may be gone by now.
    if (!stopping_) cancel_all();
    with_.supervisor = nullptr;
    with_.journal = nullptr;
    with_.reporter = nullptr;
  }

 private:
  using state = command_in_hand::state;
  using in_hand = std::map<std::string, command_in_hand>;

  // --- what was left open

  void recover() {
    if (stopping_) return;
    request(with_.journal, caf::infinite, open_question{with_.queue})
        .then(
            [this](const open_answer& answer) {
              if (answer.wrong.empty()) return recovered(answer.open);
              delayed_send(this, retry_wait, recover_atom::value);
            },
            [this](const caf::error&) { delayed_send(this, retry_wait, recover_atom::value); });
  }

  void recovered(const open_commands& open) {
    if (std::exchange(recovered_, true)) return;
    for (const auto& each : open.finished) {
      in_hand_[each.id].at = state::ending;
      report(each.id, std::make_shared<const std::string>(each.body));
    }
    for (const auto& each : open.started) {
      spdlog::warn("command {} was running when the agent ended; it is not run again",
                   quoted(each.id));
      in_hand_[each.id].asked.id = each.id;
      end(each.id, interrupted(each.id, cut_off::while_running), audit_entry::event::interrupted);
    }
    for (const auto& each : open.received) {
      if (stopping_) break;  // it stays as it is, for the next life
      spdlog::info("command {} had not been started when the agent ended", quoted(each.id));
      auto& one = in_hand_[each.id];
      one.asked = each;
      one.decision = decide(each);
      accept(each.id);
    }
    want_permit();
    end_if_done();
  }

  // --- what comes

  std::size_t free_places() const {
    const auto places = max_waiting_commands + with_.concurrent;
    return stopping_ || in_hand_.size() >= places ? 0 : places - in_hand_.size();
  }

  std::size_t offered_places() {
    if (!recovered_) return 0;
    if (!journal_works_) probe();
    return journal_works_ ? free_places() : 0;
  }

  void probe() {
    if (std::exchange(probing_, true)) return;
    request(with_.journal, caf::infinite, probe_atom::value)
        .then(
            [this](const step_receipt& receipt) {
              probing_ = false;
              journal_works_ = receipt.wrong.empty();
            },
            [this](const caf::error&) { probing_ = false; });
  }

  command_decision decide(const command& one) const {
    if (one.wrong.empty()) return with_.gate->decide(one, with_.wall_now());
    command_decision refusal;
    refusal.refused = "not run: " + one.wrong;
    return refusal;
  }

  void take(const std::vector<command>& commands) {
    commands_received come{with_.queue, {}};
    for (const auto& one : commands) {
      // Only a queue that ignores what room was asked for comes this far.
      if (in_hand_.size() >= max_commands_in_hand) {
        if (forgotten_++ == 0)
          spdlog::error("more than {} commands are in hand: more of them are not even answered",
                        max_commands_in_hand);
        break;
      }
      const bool has_room = free_places() > 0;
      const auto [known, is_new] = in_hand_.try_emplace(one.id);
      if (!is_new) {
        is_known(one.id);
        continue;
      }
      known->second.asked = one;
      known->second.decision = decide(one);
      auto& decision = known->second.decision;
      if (decision.run && !stopping_ && !has_room) {
        decision.run.reset();
        decision.refused = "not run: too many commands are waiting on this host";
      }
      come.commands.push_back({one, decision.claim, decision.signed_from});
    }
    if (come.commands.empty()) return;
    std::vector<std::string> ids;
    for (const auto& each : come.commands) ids.push_back(each.what.id);
    request(with_.journal, caf::infinite, std::move(come))
        .then([this, ids](const receptions& said) { received(ids, said); },
              [this, ids](const caf::error&) {
                received(ids, {{}, "its actor ended"});
              });
  }

  static void is_known(const std::string& id) {
    spdlog::info("command {} was delivered again and is not run again", quoted(id));
  }

  void received(const std::vector<std::string>& ids, const receptions& said) {
    journal_works_ = said.wrong.empty();
    for (std::size_t i = 0; i < ids.size(); ++i) {
      auto& one = in_hand_.at(ids[i]);
      if (!said.wrong.empty()) {
        one.decision.run.reset();
        one.decision.refused = "not run: the journal of commands can't be written: " + said.wrong;
      } else if (said.each.at(i) == reception::known) {
        is_known(ids[i]);
        in_hand_.erase(ids[i]);
        continue;
      } else if (said.each.at(i) == reception::replayed) {
        one.decision.run.reset();
        one.decision.refused = "refused: this signed command was used before";
      }
      accept(ids[i]);
    }
    want_permit();
    end_if_done();
  }

  /// It is in the journal.
  void accept(const std::string& id) {
    auto& one = in_hand_.at(id);
    if (one.decision.run && stopping_)
      return end(id, interrupted(id, cut_off::before_it_ran), audit_entry::event::refused);
    if (!one.decision.run)
      return end(id, not_run(id, one.decision.refused), audit_entry::event::refused);
    one.at = state::waiting;
    waiting_.push_back(id);
  }

  // --- what runs. One permit is asked for at a time, when there is a command and a place for it.

  void want_permit() {
    if (asking_ || stopping_ || waiting_.empty() || running_ >= with_.concurrent) return;
    asking_ = true;
    ask_permit();
  }

  void ask_permit() {
    if (stopping_) return;
    request(with_.supervisor, caf::infinite, permit_request{budget::command})
        .then(
            [this](std::chrono::nanoseconds wait) {
              if (wait.count() <= 0) return prepare_next();
              delayed_send(this, wait, start_atom::value);
            },
            [this](const caf::error&) { delayed_send(this, retry_wait, ask_atom::value); });
  }

  void prepare_next() {
    asking_ = false;
    if (stopping_ || waiting_.empty()) return;
    const auto id = std::move(waiting_.front());
    waiting_.pop_front();
    auto& one = in_hand_.at(id);
    one.at = state::preparing;
    ++running_;
    auto on_ready = [self = executor_self{this}, id](process_identity process) {
      caf::anon_send(self, process_ready{id, process});
    };
    auto on_end = [self = executor_self{this}, id](process_outcome outcome) {
      caf::anon_send(
          self, process_ended{id, std::make_shared<const process_outcome>(std::move(outcome))});
    };
    one.launch = with_.launcher.prepare(*one.decision.run, std::move(on_ready), std::move(on_end));
    want_permit();
  }

  void process_is_ready(const process_ready& ready) {
    const auto found = in_hand_.find(ready.id);
    if (found == in_hand_.end() || found->second.at != state::preparing || stopping_) return;
    command_step step{command_step::kind::starts, with_.queue, ready.id, ready.process, {}, {}};
    step.audit = audit_of_start(found->second.asked, found->second.decision, ready.process);
    step.audit->queue = with_.queue;
    request(with_.journal, caf::infinite, std::move(step))
        .then([this, id = ready.id](const step_receipt& said) { start(id, said.wrong); },
              [this, id = ready.id](const caf::error&) { start(id, "the journal's actor ended"); });
  }

  void start(const std::string& id, const std::string& wrong) {
    const auto found = in_hand_.find(id);
    if (found == in_hand_.end() || found->second.at != state::preparing || stopping_) return;
    auto& one = found->second;
    if (!wrong.empty()) {
      journal_works_ = false;
      one.not_started = "not run: the start can't be written down: " + wrong;
      return with_.launcher.cancel(one.launch);
    }
    one.at = state::running;
    // The program alone: its arguments may hold secrets.
    spdlog::info("command {} starts {}", quoted(id), quoted(one.decision.run->argv.front()));
    with_.launcher.start(one.launch);
  }

  void process_has_ended(const process_ended& ended) {
    const auto found = in_hand_.find(ended.id);
    if (found == in_hand_.end()) return;
    auto& one = found->second;
    if (one.at != state::preparing && one.at != state::running) return;
    --running_;
    const bool has_run = one.at == state::running;
    const auto& outcome = *ended.outcome;
    if (!has_run && !one.not_started.empty())
      end(ended.id, not_run(ended.id, one.not_started), audit_entry::event::refused);
    else if (!has_run && outcome.how == process_outcome::ending::cancelled)
      end(ended.id, interrupted(ended.id, cut_off::before_it_ran), audit_entry::event::refused);
    else
      end(ended.id, result_of(ended.id, outcome, one.decision.run->max_output_bytes),
          has_run ? audit_entry::event::ended : audit_entry::event::refused, &outcome);
    want_permit();
  }

  // --- what has ended

  void end(const std::string& id, const command_result& result, audit_entry::event what,
           const process_outcome* outcome = nullptr) {
    auto& one = in_hand_.at(id);
    one.at = state::ending;
    auto body = std::make_shared<const std::string>(encode_command_result(result));
    command_step step{command_step::kind::ends, with_.queue, id, {}, *body, {}};
    step.audit = audit_of_end(what, one.asked, one.decision, result, outcome);
    step.audit->queue = with_.queue;
    // What can't be journaled is reported all the same.
    request(with_.journal, caf::infinite, std::move(step))
        .then(
            [this, id, body](const step_receipt& said) {
              if (!said.wrong.empty()) journal_works_ = false;
              report(id, body);
            },
            [this, id, body](const caf::error&) { report(id, body); });
  }

  void report(const std::string& id, std::shared_ptr<const std::string> body) {
    request(with_.reporter, caf::infinite, command_report{id, std::move(body)})
        .then([this](const report_receipt& said) { reported(said); },
              [this, id](const caf::error&) {
                spdlog::warn("the result of command {} waits for the next reporter", quoted(id));
                in_hand_.erase(id);
                end_if_done();
              });
  }

  void reported(const report_receipt& said) {
    command_step step{command_step::kind::settled, with_.queue, said.id, {}, {}, audit_entry{}};
    step.audit->what = said.taken ? audit_entry::event::reported : audit_entry::event::given_up;
    step.audit->queue = with_.queue;
    step.audit->id = said.id;
    // Until then it has its place: what comes is not to outrun the journal.
    request(with_.journal, caf::infinite, std::move(step))
        .then([this, id = said.id](const step_receipt&) { settled(id); },
              [this, id = said.id](const caf::error&) { settled(id); });
  }

  void settled(const std::string& id) {
    in_hand_.erase(id);
    end_if_done();
  }

  // --- the end

  void cancel_all() {
    for (const auto& [id, one] : in_hand_)
      if (one.at == state::preparing || one.at == state::running) with_.launcher.cancel(one.launch);
  }

  void stop() {
    if (stopping_) return;
    stopping_ = true;
    for (const auto& id : std::exchange(waiting_, {}))
      end(id, interrupted(id, cut_off::before_it_ran), audit_entry::event::refused);
    cancel_all();
    delayed_send(this, stop_patience, give_up_atom::value);
    end_if_done();
  }

  void end_if_done() {
    if (stopping_ && in_hand_.empty()) quit();
  }

  /// What still runs is in the journal as started, and answered by the next life.
  void give_up() {
    const auto left = std::count_if(in_hand_.begin(), in_hand_.end(), [](const auto& each) {
      return each.second.at == state::preparing || each.second.at == state::running;
    });
    if (left > 0)
      spdlog::warn("{} commands did not end in time; they are answered next time", left);
    quit();
  }

  executor_dependencies with_;
  in_hand in_hand_;                  ///< by id
  std::deque<std::string> waiting_;  ///< ids
  std::size_t running_ = 0;          ///< being prepared, or running
  std::uint64_t forgotten_ = 0;      ///< commands that were not answered, there were too many
  bool recovered_ = false;
  bool journal_works_ = true;  ///< the last that is known
  bool probing_ = false;
  bool asking_ = false;  ///< for a permit, or waiting as it said
  bool stopping_ = false;
};

}  // namespace

executor_actor spawn_executor(caf::actor_system& system, executor_dependencies dependencies) {
  return system.spawn<executor>(std::move(dependencies));
}

}  // namespace reflector
