#include "actors/command/journal_actor.hpp"

#include "actors/supervise/child_behavior.hpp"
#include "actors/text/quoted.hpp"

#include <utility>

#include <caf/actor_system.hpp>
#include <caf/spawn_options.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <spdlog/spdlog.h>

namespace reflector {
namespace {

class journal_server final : public journal_actor::base {
 public:
  journal_server(caf::actor_config& config, journal_dependencies dependencies)
      : journal_actor::base(config), with_(std::move(dependencies)) {}

  const char* name() const override { return "journal"; }

  behavior_type make_behavior() override {
    behave_as_child(*this);
    return {
        [this](stop_atom) { quit(); },
        [this](const commands_received& come) { return receive(come); },
        [this](const command_step& step) { return take(step); },
        [this](const open_question& asked) { return open_in(asked.queue); },
        [this](probe_atom) {
          return written("probe", [](auto& journal) { return journal.probe(); });
        },
    };
  }

  void on_exit() override { journal_.reset(); }

 private:
  /// @return why there is none
  std::string open() {
    if (journal_) return {};
    auto opened = with_.open();
    if (!opened) return state_of(false, opened.error().text);
    journal_ = std::move(*opened);
    return {};
  }

  /// Said once for each change.
  std::string state_of(bool works, const std::string& wrong) {
    if (!works && works_)
      spdlog::error("commands can't be journaled, so none is run and none is asked for: {}", wrong);
    if (works && !works_) spdlog::info("commands can be journaled again");
    works_ = works;
    return wrong;
  }

  template <class Work>
  step_receipt written(std::string_view doing, const Work& work) {
    if (auto wrong = open(); !wrong.empty()) return {std::move(wrong)};
    const auto done = work(*journal_);
    if (done) return {state_of(true, {})};
    return {state_of(false, std::string{doing} + ": " + done.error().text)};
  }

  receptions receive(const commands_received& come) {
    receptions answer;
    answer.wrong = written("commands received", [&](command_journal& journal) -> result<void> {
                     auto each = journal.receive(come.queue, come.commands);
                     if (!each) return tl::unexpected<fault>{std::move(each.error())};
                     answer.each = std::move(*each);
                     return {};
                   }).wrong;
    return answer;
  }

  step_receipt take(const command_step& step) {
    switch (step.what) {
      case command_step::kind::starts:
        if (auto wrong = audited(step); !wrong.empty()) return {std::move(wrong)};
        return written("a command's start", [&](command_journal& journal) {
          return journal.start(step.queue, step.id, step.process, with_.boot_id);
        });
      case command_step::kind::ends: {
        auto receipt = written("a command's end", [&](command_journal& journal) {
          return journal.finish(step.queue, step.id, step.body);
        });
        (void)audited(step);
        return receipt;
      }
      case command_step::kind::settled:
        break;
    }
    auto receipt = written("a command's report", [&](command_journal& journal) {
      return journal.settle(step.queue, step.id);
    });
    (void)audited(step);
    return receipt;
  }

  /// @return why it could not be
  std::string audited(const command_step& step) {
    if (!step.audit) return {};
    const auto done = with_.audit->write(*step.audit);
    if (done) {
      if (std::exchange(unaudited_, 0) > 0) spdlog::info("the audit log can be written again");
      return {};
    }
    if (unaudited_++ == 0)
      spdlog::error(
          "the audit log can't be written, so no command is run; the first entry that "
          "it lacks is of command {}: {}",
          quoted(step.id), done.error().text);
    return "the audit log: " + done.error().text;
  }

  open_answer open_in(const std::string& queue) {
    open_answer answer;
    answer.wrong = written("what was left open", [&](command_journal& journal) -> result<void> {
                     auto left = journal.open(queue);
                     if (!left) return tl::unexpected<fault>{std::move(left.error())};
                     answer.open = std::move(*left);
                     return {};
                   }).wrong;
    for (const auto& started : answer.open.started)
      if (started.boot_id == with_.boot_id && started.process.pid > 0)
        with_.launcher.end_leftover(started.process);
    return answer;
  }

  journal_dependencies with_;
  std::unique_ptr<command_journal> journal_;
  bool works_ = true;
  std::uint64_t unaudited_ = 0;  ///< entries that could not be written since the last that could
};

}  // namespace

journal_actor spawn_journal(caf::actor_system& system, journal_dependencies dependencies,
                            bool own_thread) {
  if (own_thread) return system.spawn<journal_server, caf::detached>(std::move(dependencies));
  return system.spawn<journal_server>(std::move(dependencies));
}

}  // namespace reflector
