#include "actors/observe/status_board.hpp"

#include "actors/text/utf8.hpp"

#include <algorithm>

namespace reflector {
namespace {

void shorten(std::string& text, std::size_t most) {
  text.resize(utf8_head(text, most).size());
}

void shorten(endpoint_status& status) {
  shorten(status.name, status_board::max_name_bytes);
  shorten(status.kind, status_board::max_name_bytes);
  shorten(status.last_answer, status_board::max_text_bytes);
}

void shorten(command_queue_status& status) {
  shorten(status.name, status_board::max_name_bytes);
  shorten(status.policy, status_board::max_name_bytes);
  shorten(status.problem, status_board::max_text_bytes);
}

template <class Entries>
auto find(Entries& entries, std::string_view name) {
  return std::find_if(entries.begin(), entries.end(),
                      [&](const auto& each) { return each.name == name; });
}

/// In the place of the one of the same name, or behind all.
/// @param entry moved from  @return false: there is no place
template <class Entry>
bool put(std::vector<Entry>& entries, Entry& entry) {
  shorten(entry.name, status_board::max_name_bytes);
  const auto known = find(entries, entry.name);
  if (known != entries.end()) {
    *known = std::move(entry);
    return true;
  }
  if (entries.size() >= status_board::max_entries) return false;
  entries.push_back(std::move(entry));
  return true;
}

template <class Entries>
void drop(Entries& entries, std::string_view name) {
  const auto known = find(entries, utf8_head(name, status_board::max_name_bytes));
  if (known != entries.end()) entries.erase(known);
}

}  // namespace

void status_board::publish(actor_status status) {
  if (status.last_failure) {
    shorten(status.last_failure->text, max_text_bytes);
    shorten(status.last_failure->message, max_text_bytes);
  }
  const std::lock_guard guard{lock_};
  if (!put(actors_, status)) ++left_out_;
}

void status_board::publish(endpoint_status status) {
  shorten(status);
  const std::lock_guard guard{lock_};
  if (auto* const entry = made_entry_of(status.name)) entry->said = std::move(status);
}

void status_board::update(endpoint_status status) {
  shorten(status);
  const std::lock_guard guard{lock_};
  if (auto* const entry = entry_of(status.name)) entry->said = std::move(status);
}

void status_board::publish(waiting_status status) {
  shorten(status.endpoint, max_name_bytes);
  const std::lock_guard guard{lock_};
  if (auto* const entry = made_entry_of(status.endpoint)) entry->waiting = std::move(status);
}

void status_board::publish(spool_status status) {
  shorten(status.problem, max_text_bytes);
  const std::lock_guard guard{lock_};
  spool_ = std::move(status);
}

void status_board::publish(budget_status status) {
  const std::lock_guard guard{lock_};
  if (!put(budgets_, status)) ++left_out_;
}

void status_board::publish(command_queue_status status) {
  shorten(status);
  const std::lock_guard guard{lock_};
  if (auto* const entry = queue_of(status.name)) {
    entry->said = std::move(status);
  } else if (command_queues_.size() >= max_entries) {
    ++left_out_;
  } else {
    const std::string name = status.name;
    command_queues_.push_back({name, std::move(status), {}, {}});
  }
}

void status_board::publish(supervision_status status) {
  shorten(status.degradation_reason, max_text_bytes);
  shorten(status.last_reload_error, max_text_bytes);
  const std::lock_guard guard{lock_};
  supervision_ = std::move(status);
}

void status_board::requested(std::string_view endpoint, monotonic_time now) {
  const std::lock_guard guard{lock_};
  auto* const entry = entry_of(endpoint);
  if (entry == nullptr) return;
  ++entry->totals.requests;
  if (!entry->requests) entry->requests.emplace(now);
  entry->requests->add(1, now);
}

void status_board::delivered(std::string_view endpoint, std::uint64_t samples, monotonic_time now) {
  const std::lock_guard guard{lock_};
  auto* const entry = entry_of(endpoint);
  if (entry == nullptr) return;
  entry->totals.samples += samples;
  if (!entry->samples) entry->samples.emplace(now);
  entry->samples->add(samples, now);
}

void status_board::set_aside(std::string_view endpoint) {
  const std::lock_guard guard{lock_};
  if (auto* const entry = entry_of(endpoint)) ++entry->totals.dead_letters;
}

void status_board::update(command_queue_status status) {
  shorten(status);
  const std::lock_guard guard{lock_};
  if (auto* const entry = queue_of(status.name)) entry->said = std::move(status);
}

void status_board::polled(std::string_view queue, std::string failure) {
  shorten(failure, max_text_bytes);
  const std::lock_guard guard{lock_};
  if (auto* const entry = queue_of(queue)) entry->unreachable = std::move(failure);
}

void status_board::command_started(std::string_view queue, monotonic_time now) {
  const std::lock_guard guard{lock_};
  auto* const entry = queue_of(queue);
  if (entry == nullptr) return;
  ++entry->totals.ran;
  entry->totals.last_started = now;
}

void status_board::command_refused(std::string_view queue) {
  const std::lock_guard guard{lock_};
  if (auto* const entry = queue_of(queue)) ++entry->totals.refused;
}

void status_board::command_interrupted(std::string_view queue) {
  const std::lock_guard guard{lock_};
  if (auto* const entry = queue_of(queue)) ++entry->totals.interrupted;
}

void status_board::forget_actor(std::string_view name) {
  const std::lock_guard guard{lock_};
  drop(actors_, name);
}

void status_board::forget_endpoint(std::string_view name) {
  const std::lock_guard guard{lock_};
  drop(endpoints_, name);
}

void status_board::forget_budget(std::string_view name) {
  const std::lock_guard guard{lock_};
  drop(budgets_, name);
}

void status_board::forget_command_queue(std::string_view name) {
  const std::lock_guard guard{lock_};
  drop(command_queues_, name);
}

agent_status status_board::snapshot(monotonic_time now, wall_time wall) const {
  const std::lock_guard guard{lock_};
  agent_status all;
  all.taken = now;
  all.taken_wall = wall;
  all.supervision = supervision_;
  all.spool = spool_;
  all.actors = actors_;
  all.budgets = budgets_;
  all.left_out = left_out_;
  for (auto& each : endpoints_) {
    agent_status::endpoint shown{each.said, each.totals, each.waiting.value_or(waiting_status{}),
                                 each.waiting.has_value()};
    shown.said.name = each.name;
    if (each.samples) shown.totals.samples_per_second = each.samples->per_second(now);
    if (each.requests) shown.totals.requests_per_second = each.requests->per_second(now);
    all.endpoints.push_back(std::move(shown));
  }
  for (const auto& each : command_queues_)
    all.command_queues.push_back({each.said, each.totals, each.unreachable});
  return all;
}

status_board::endpoint_entry* status_board::entry_of(std::string_view endpoint) {
  const auto known = find(endpoints_, utf8_head(endpoint, max_name_bytes));
  return known == endpoints_.end() ? nullptr : &*known;
}

status_board::endpoint_entry* status_board::made_entry_of(std::string_view endpoint) {
  if (auto* const known = entry_of(endpoint)) return known;
  endpoint = utf8_head(endpoint, max_name_bytes);
  if (endpoints_.size() >= max_entries) {
    ++left_out_;
    return nullptr;
  }
  return &endpoints_.emplace_back(endpoint_entry{std::string{endpoint}, {}, {}, {}, {}, {}});
}

status_board::command_queue_entry* status_board::queue_of(std::string_view name) {
  const auto known = find(command_queues_, utf8_head(name, max_name_bytes));
  return known == command_queues_.end() ? nullptr : &*known;
}

}  // namespace reflector
