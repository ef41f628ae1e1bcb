#pragma once

#include "actors/deliver/spool.hpp"
#include "tests/simulation/run_record.hpp"
#include "tests/simulation/trace.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace reflector::simulation {

/// Notes what a spool is given and gives, and hands everything on.
class observed_spool final : public spool {
 public:
  struct settings {
    std::uint32_t boot = 0;
    /// False while a killed agent's actors are cleared away: what they do then never was.
    std::function<bool()> is_alive;
    std::function<std::int64_t()> now_ms;
    /// Whether what has been appended is on the disk now, if the spool does as it says.
    std::function<bool()> disk_is_well;
    std::function<void(sample_key)> on_commit;
  };

  observed_spool(std::unique_ptr<spool> inner, settings with, run_record& record, trace& notes)
      : inner_(std::move(inner)),
        with_(std::move(with)),
        record_(record),
        trace_(notes),
        unsafe_from_(inner_->last_sequence() + 1) {}

  void append(const std::vector<record>& records) override {
    if (!with_.is_alive()) return;
    for (const auto& each : records) note(each);
    inner_->append(records);
    mark_safe();
  }

  record_slice hand_out(const std::string& endpoint, std::size_t max_samples,
                        std::size_t max_bytes) override {
    if (!with_.is_alive()) return {};
    auto slice = inner_->hand_out(endpoint, max_samples, max_bytes);
    if (slice.sent_before) record_.count("batch handed out as it was before the agent ended");
    return slice;
  }

  void acknowledge(const std::string& endpoint, std::uint64_t up_to) override {
    if (!with_.is_alive()) return;
    trace_.note(with_.now_ms(), "acknowledged", up_to);
    inner_->acknowledge(endpoint, up_to);
  }

  bool set_aside(const dead_letter& letter) override {
    if (!with_.is_alive()) return false;
    const bool kept = inner_->set_aside(letter);
    trace_.note(with_.now_ms(), "set aside", letter.refused.sequence, kept);
    record_.count(kept ? "dead letter kept" : "dead letter that the disk did not take");
    record_.dead_letters.emplace(letter.endpoint, with_.boot, letter.refused.sequence);
    return kept;
  }

  void configure(const configuration& next) override {
    if (with_.is_alive()) inner_->configure(next);
  }

  void retry() override {
    if (!with_.is_alive()) return;
    inner_->retry();
    mark_safe();
  }
  bool needs_retry() const override { return inner_->needs_retry(); }
  std::uint64_t last_sequence() const override { return inner_->last_sequence(); }
  std::vector<lost_range> lost() const override { return inner_->lost(); }

 private:
  void note(const record& each) {
    const sample_key key{with_.boot, each.sequence};
    committed_sample& sample = record_.sample(key);
    if (sample.hash != 0) sample.reused = true;
    if (sample.hash != 0 && sample.safe)
      record_.violated("number " + std::to_string(each.sequence) + " was given out twice");
    sample.hash = hash_of(*each.json);
    sample.at_ms = with_.now_ms();
    ++record_.commits;
    trace_.note(sample.at_ms, "committed", each.sequence, sample.hash);
    note_time(*each.json);
    with_.on_commit(key);
  }

  /// Each tick has a time of its own; ticks that are made up for a time that has passed do not.
  void note_time(const std::string& json) {
    constexpr std::string_view name = "\"timestamp\":\"";
    const auto at = json.find(name);
    std::string stamp = json.substr(at + name.size(), 24);
    if (stamp == last_stamp_) record_.violated("two samples of one life are stamped " + stamp);
    last_stamp_ = std::move(stamp);
  }

  void mark_safe() {
    if (!with_.disk_is_well()) return;
    for (const auto last = inner_->last_sequence(); unsafe_from_ <= last; ++unsafe_from_)
      record_.sample({with_.boot, unsafe_from_}).safe = true;
  }

  std::unique_ptr<spool> inner_;
  settings with_;
  run_record& record_;
  trace& trace_;
  std::uint64_t unsafe_from_;  ///< number of the first that is not known to be safe
  std::string last_stamp_;
};

}  // namespace reflector::simulation
