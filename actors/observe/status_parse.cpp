#include "actors/observe/status_json.hpp"
#include "actors/observe/status_names.hpp"
#include "actors/text/in_words.hpp"

#include <algorithm>

#include <simdjson.h>

namespace reflector {
namespace {

using simdjson::SUCCESS;
using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;
/// Of what isn't there, nothing is there.
using node = simdjson::simdjson_result<element>;

std::string text_of(const node& from, const char* name) {
  std::string_view text;
  return from[name].get(text) == SUCCESS ? std::string{text} : std::string{};
}

template <class Number>
std::optional<Number> number_of(const node& from, const char* name) {
  std::uint64_t number = 0;
  if (from[name].get(number) != SUCCESS) return std::nullopt;
  return static_cast<Number>(std::min<std::uint64_t>(number, std::numeric_limits<Number>::max()));
}

template <class Number>
Number number_or_0(const node& from, const char* name) {
  return number_of<Number>(from, name).value_or(Number{0});
}

std::optional<double> real_of(const node& from, const char* name) {
  double number = 0;
  if (from[name].get(number) != SUCCESS) return std::nullopt;
  return number;
}

bool is_true(const node& from, const char* name) {
  bool value = false;
  return from[name].get(value) == SUCCESS && value;
}

/// Of seconds; what no duration holds is cut to a hundred years.
std::optional<std::chrono::nanoseconds> span_of(const node& from, const char* name) {
  constexpr double longest = 100.0 * 365 * 24 * 3600;
  const auto seconds = real_of(from, name);
  if (!seconds) return std::nullopt;
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
      std::chrono::duration<double>(std::clamp(*seconds, -longest, longest)));
}

std::chrono::milliseconds milliseconds_of(const node& from, const char* name) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
      span_of(from, name).value_or(std::chrono::nanoseconds{0}));
}

bool is_object(const node& value) {
  object ignored;
  return value.get(ignored) == SUCCESS;
}

class status_parser {
 public:
  explicit status_parser(monotonic_time now) : now_(now) {}

  agent_status parse(const node& from) const {
    agent_status all;
    all.taken = now_;
    all.taken_wall = parse_utc(text_of(from, "at")).value_or(wall_time{});
    all.process = {number_or_0<std::int32_t>(from, "pid"),
                   text_of(from, "version"),
                   parse_utc(text_of(from, "started")).value_or(wall_time{}),
                   milliseconds_of(from, "uptime_s"),
                   real_of(from, "cpu_percent"),
                   number_of<std::uint64_t>(from, "rss_bytes"),
                   number_of<std::uint64_t>(from, "threads")};
    all.supervision = supervision_of(from);
    if (const node spool = from["spool"]; is_object(spool)) all.spool = spool_of(spool);
    each_of(from, "endpoints",
            [&](const node& each) { all.endpoints.push_back(endpoint_of(each)); });
    each_of(from, "commands",
            [&](const node& each) { all.command_queues.push_back(command_queue_of(each)); });
    each_of(from, "actors", [&](const node& each) { all.actors.push_back(actor_of(each)); });
    each_of(from, "budgets", [&](const node& each) {
      all.budgets.push_back({text_of(each, "name"), real_of(each, "per_second").value_or(0),
                             real_of(each, "available").value_or(0),
                             number_or_0<std::uint64_t>(each, "waiting")});
    });
    all.left_out = number_or_0<std::uint64_t>(from, "left_out");
    return all;
  }

 private:
  template <class Take>
  static void each_of(const node& from, const char* name, const Take& take) {
    array list;
    if (from[name].get(list) != SUCCESS) return;
    for (const element each : list)
      if (const node found{element{each}}; is_object(found)) take(found);
  }

  std::optional<monotonic_time> ago(const node& from, const char* name) const {
    const auto span = span_of(from, name);
    if (!span) return std::nullopt;
    return now_ - *span;
  }

  supervision_status supervision_of(const node& from) const {
    const node jumps = from["clock_jumps"], reloads = from["reloads"],
               degradation = from["degradation"];
    supervision_status said;
    said.ticks = number_or_0<std::uint64_t>(from, "ticks");
    said.missed_ticks = number_or_0<std::uint64_t>(from, "missed_ticks");
    said.degradation = number_or_0<unsigned>(degradation, "level");
    said.degradation_reason = text_of(degradation, "reason");
    said.abandoned_threads = number_or_0<std::uint64_t>(from, "abandoned_threads");
    said.clock_jumps = number_or_0<std::uint64_t>(jumps, "count");
    said.last_clock_jump = ago(jumps, "last_ago_s");
    said.last_jump_by = milliseconds_of(jumps, "last_by_s");
    said.reloads = number_or_0<std::uint64_t>(reloads, "done");
    said.reloads_failed = number_or_0<std::uint64_t>(reloads, "failed");
    said.last_reload_error = text_of(reloads, "last_error");
    return said;
  }

  static spool_status spool_of(const node& from) {
    return {is_true(from, "open"),
            is_true(from, "failing"),
            text_of(from, "problem"),
            number_or_0<std::uint64_t>(from, "segment_bytes"),
            number_or_0<std::uint64_t>(from, "segments"),
            number_or_0<std::uint64_t>(from, "last_sequence"),
            number_or_0<std::uint64_t>(from, "held_in_memory")};
  }

  agent_status::endpoint endpoint_of(const node& from) const {
    agent_status::endpoint all;
    auto& said = all.said;
    said.name = text_of(from, "name");
    said.kind = text_of(from, "kind");
    said.state = state_of(endpoint_state_names, text_of(from, "state")).value_or(said.state);
    said.breaker = state_of(breaker_state_names, text_of(from, "breaker")).value_or(said.breaker);
    said.failures_in_a_row = number_or_0<unsigned>(from, "failures_in_a_row");
    if (const auto span = span_of(from, "next_attempt_in_s")) said.next_attempt = now_ + *span;
    said.last_answer = text_of(from, "last_answer");
    said.last_answer_at = ago(from, "last_answer_ago_s");
    said.last_success_at = ago(from, "last_success_ago_s");
    all.totals = {number_or_0<std::uint64_t>(from, "delivered"),
                  number_or_0<std::uint64_t>(from, "requests"),
                  number_or_0<std::uint64_t>(from, "dead_letters"),
                  real_of(from, "samples_per_second").value_or(0),
                  real_of(from, "requests_per_second").value_or(0)};
    const auto waiting = number_of<std::uint64_t>(from, "waiting");
    const node oldest = from["oldest_waiting"];
    all.waiting_known = waiting.has_value();
    all.waiting = {said.name, waiting.value_or(0), number_or_0<std::uint64_t>(oldest, "sequence"),
                   parse_utc(text_of(oldest, "timestamp"))};
    return all;
  }

  agent_status::command_queue command_queue_of(const node& from) const {
    return {{text_of(from, "name"), text_of(from, "policy"),
             number_or_0<std::uint64_t>(from, "waiting"),
             number_or_0<std::uint64_t>(from, "running"), text_of(from, "problem")},
            {number_or_0<std::uint64_t>(from, "ran"), number_or_0<std::uint64_t>(from, "refused"),
             number_or_0<std::uint64_t>(from, "interrupted"), ago(from, "last_started_ago_s")},
            text_of(from, "unreachable")};
  }

  actor_status actor_of(const node& from) const {
    actor_status actor;
    actor.name = text_of(from, "name");
    actor.state = state_of(actor_state_names, text_of(from, "state")).value_or(actor.state);
    actor.restarts = number_or_0<std::uint64_t>(from, "restarts");
    actor.set_aside = number_or_0<std::uint64_t>(from, "set_aside");
    actor.mailbox = number_of<std::size_t>(from, "mailbox");
    actor.heartbeat = span_of(from, "heartbeat_s");
    if (const node failure = from["last_failure"]; is_object(failure))
      actor.last_failure = {text_of(failure, "text"), text_of(failure, "message"),
                            ago(failure, "ago_s").value_or(now_),
                            parse_utc(text_of(failure, "at")).value_or(wall_time{})};
    return actor;
  }

  monotonic_time now_;
};

}  // namespace

result<agent_status> parse_status(std::string_view json, monotonic_time now) {
  simdjson::dom::parser parser;
  const node document = parser.parse(json.data(), json.size());
  if (document.error() != SUCCESS)
    return failure(fault_code::malformed, std::string{"not the status of an agent: "} +
                                              simdjson::error_message(document.error()));
  if (!number_of<std::uint64_t>(document, "pid"))
    return failure(fault_code::malformed, "not the status of an agent: it has no pid");
  return status_parser{now}.parse(document);
}

}  // namespace reflector
