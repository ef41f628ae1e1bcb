#include "actors/deliver/sample_join.hpp"

#include <algorithm>

namespace reflector {
namespace {

/// Puts a reading into its section.
struct into_sample {
  sample& target;

  void operator()(const cpu_reading& r) const { target.cpu = r; }
  void operator()(const load_reading& r) const { target.load = r; }
  void operator()(const memory_reading& r) const { target.memory = r; }
  void operator()(const network_reading& r) const { target.network = r; }
  void operator()(const disk_reading& r) const { target.disk = r; }
  void operator()(const sensors_reading& r) const { target.sensors = r; }
  void operator()(const processes_reading& r) const { target.processes = r; }
  void operator()(const host_reading& r) const { target.host = r; }
};

template <class Section>
void carry(std::optional<Section>& now, std::optional<Section>& last) {
  if (now)
    last = now;
  else
    now = last;
}

}  // namespace

sample_join::sample_join(const collectors_config& config) {
  configure(config);
}

void sample_join::configure(const collectors_config& config) {
  for (std::size_t i = 0; i < accounts_.size(); ++i)
    accounts_[i].is_enabled = config.each[i].enabled;
}

std::optional<sample> sample_join::begin(const tick& now) {
  std::optional<sample> unfinished;
  if (open_) unfinished = finish();
  open_.emplace();
  open_->tick = now.number;
  open_->at = now.wall;
  open_->issued = now.at;
  open_->less = now.less;
  for (std::size_t i = 0; i < accounts_.size(); ++i) {
    account& one = accounts_[i];
    if (!one.is_enabled) continue;
    if (now.left_out.test(i))
      one = {true, false, 0, nullptr};
    else if (now.due.test(i))
      one = {true, true, now.number, nullptr};
  }
  return unfinished;
}

std::optional<sample> sample_join::add(const measured& said) {
  account& one = accounts_[static_cast<std::size_t>(said.from)];
  if (!one.is_expected || one.tick != said.tick || one.outcome) return std::nullopt;
  one.outcome = said.outcome;
  if (open_ && open_->tick == said.tick && is_whole()) return finish();
  return std::nullopt;
}

std::optional<sample> sample_join::close(std::uint64_t tick_number) {
  if (!open_ || open_->tick != tick_number) return std::nullopt;
  return finish();
}

std::optional<sample> sample_join::close_open() {
  if (!open_) return std::nullopt;
  return finish();
}

bool sample_join::is_whole() const {
  return std::none_of(accounts_.begin(), accounts_.end(), [this](const account& one) {
    return one.is_expected && one.tick == open_->tick && !one.outcome;
  });
}

sample sample_join::finish() {
  for (std::size_t i = 0; i < accounts_.size(); ++i) {
    const account& one = accounts_[i];
    if (!one.is_expected) continue;
    if (!one.outcome)
      open_->late.emplace_back(collector_names[i]);
    else if (one.outcome->has_value())
      std::visit(into_sample{*open_}, **one.outcome);
    else
      open_->failed.emplace_back(collector_names[i]);
  }
  carry_required();
  sample done = std::move(*open_);
  open_.reset();
  return done;
}

void sample_join::carry_required() {
  // Busy shares need counters that moved since the reading before; a virtual machine that stood
  // still has none.
  if (open_->cpu && !open_->cpu->total_percent && last_cpu_)
    open_->cpu->total_percent = last_cpu_->total_percent;
  carry(open_->cpu, last_cpu_);
  carry(open_->load, last_load_);
  carry(open_->memory, last_memory_);
  carry(open_->host, last_host_);
}

}  // namespace reflector
