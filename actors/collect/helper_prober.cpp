#include "actors/collect/helper_prober.hpp"

#include "actors/collect/probe_schedule.hpp"
#include "actors/os/helper_pool.hpp"
#include "actors/text/quoted.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <optional>

#include <spdlog/spdlog.h>

namespace reflector {

namespace {

class helper_prober final : public prober {
 public:
  helper_prober(std::vector<std::string> arguments, std::string what)
      : pool_{std::move(arguments), most_helpers}, what_{std::move(what)} {}

  std::chrono::milliseconds ask(std::span<const std::string> questions,
                                monotonic_time now) override {
    const std::lock_guard lock{mutex_};
    collect(now);
    forget_others(questions);
    if (questions.empty() && probes_.empty() && pool_.helpers() == 0) return {};
    for (auto& [question, probe] : probes_) {
      if (probe.schedule.next(now) != probe_schedule::step::end) continue;
      probe.schedule.ending();
      pool_.end(probe.number);
    }
    bool expected = false;
    for (const auto& question : questions) {
      auto& probe = probes_[question];
      if (probe.schedule.next(now) != probe_schedule::step::ask) continue;
      put(question, probe, now);
      expected |= probe.schedule.is_open() && !probe.schedule.is_stuck(now);
    }
    collect(now);
    return expected ? prompt_answer : std::chrono::milliseconds{0};
  }

  state of(const std::string& question, monotonic_time now) override {
    const std::lock_guard lock{mutex_};
    collect(now);
    const auto found = probes_.find(question);
    if (found == probes_.end()) return {};
    const auto& probe = found->second;
    if (probe.schedule.is_stuck(now)) return {state::standing::stuck, {}};
    if (!probe.answer) return {};
    return {state::standing::answered, *probe.answer};
  }

 private:
  struct entry {
    probe_schedule schedule;
    std::uint64_t number = 0;  ///< of the question that is open, or was last
    std::optional<std::string> answer;
    bool told_stuck = false;
  };

  void put(const std::string& question, entry& asked, monotonic_time now) {
    asked.number = ++last_number_;
    if (pool_.put(asked.number, question))
      asked.schedule.asked();
    else
      asked.schedule.lost(now);
  }

  void collect(monotonic_time now) {
    for (auto& event : pool_.collect(now, probes_.empty() ? 0 : 1)) {
      const auto found = std::ranges::find_if(
          probes_, [&](const auto& each) { return each.second.number == event.number; });
      if (found == probes_.end()) continue;
      auto& probe = found->second;
      switch (event.what) {
        case helper_pool::event::kind::begun:
          probe.schedule.begun(now);
          break;
        case helper_pool::event::kind::answered:
          probe.schedule.answered();
          probe.answer = std::move(event.answer);
          break;
        case helper_pool::event::kind::lost:
          probe.schedule.lost(now);
          break;
      }
    }
    for (auto& [question, probe] : probes_) note_standing(question, probe, now);
    note_start_fault();
  }

  void note_standing(const std::string& question, entry& probe, monotonic_time now) const {
    const bool stuck = probe.schedule.is_stuck(now);
    if (stuck == probe.told_stuck) return;
    probe.told_stuck = stuck;
    if (stuck)
      spdlog::warn("{} {} does not answer; the rest is measured without it", what_,
                   quoted(question));
    else
      spdlog::info("{} {} answers again", what_, quoted(question));
  }

  void note_start_fault() {
    const bool failing = pool_.start_fault().has_value();
    if (failing == told_failing_) return;
    told_failing_ = failing;
    if (failing)
      spdlog::error("no helper process for {}: {}; trying again", what_, pool_.start_fault()->text);
    else
      spdlog::info("helper processes for {} work", what_);
  }

  /// One that is being asked is kept until that has ended: it may be asked for again, and must not
  /// be asked twice at a time then.
  void forget_others(std::span<const std::string> questions) {
    std::erase_if(probes_, [&](const auto& each) {
      return !each.second.schedule.is_open() &&
             std::ranges::find(questions, each.first) == questions.end();
    });
  }

  std::mutex mutex_;
  helper_pool pool_;
  const std::string what_;
  std::map<std::string, entry> probes_;
  std::uint64_t last_number_ = 0;
  bool told_failing_ = false;
};

}  // namespace

std::unique_ptr<prober> make_helper_prober(std::vector<std::string> arguments, std::string what) {
  return std::make_unique<helper_prober>(std::move(arguments), std::move(what));
}

}  // namespace reflector
